import { Anchor, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import admin from '../admin/admin.module.css'
import { PagedList } from '../admin/paged-list.tsx'
import classes from './doctor.module.css'
import { findings, isKnown } from './findings.ts'

type Reports = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/doctor/reports', object>>>
type Report = Reports extends { data: (infer Item)[] } ? Item : never

export function BrowserReportsPage() {
  const { t } = useTranslation()
  usePageTitle(t('admin.browsers'))
  return (
    <>
      <Text c="dimmed" mb="md" maw={620}>
        {t('browserReports.text')}{' '}
        <Anchor href="/doctor" underline="always">
          {t('browserReports.link')}
        </Anchor>
      </Text>
      <PagedList
        queryKey={['admin', 'browsers']}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/doctor/reports', { params: { query: cursor ? { cursor } : {} } })
        }
        label={t('admin.browsers')}
        empty={t('browserReports.none')}
      >
        {(report: Report) => <ReportRow report={report} />}
      </PagedList>
    </>
  )
}

function ReportRow({ report: { user, user_agent, comment, findings: all, created_at } }: { report: Report }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  return (
    <div className={classes.report}>
      <Text component="span" fw={600}>
        {user ? (user.display_name ?? user.username) : t('browserReports.nobody')}
      </Text>
      <div className={admin.quiet}>
        {dates.ago(new Date(created_at), now)} · {user_agent}
      </div>
      {comment && <p className={classes.comment}>{comment}</p>}
      {all.length === 0 && <p className={admin.quiet}>{t('browserReports.fine')}</p>}
      <ul className={classes.short}>
        {all.map(({ id, detail }) => (
          <li key={id}>
            <FoundLine id={id} detail={detail} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** What another version found may have no words here. */
function FoundLine({ id, detail }: { id: string; detail: string }) {
  const { t } = useTranslation()
  const name = id.replace(/^browser_/, '')
  const isBad = isKnown(name) && findings[name] === 'error'
  return (
    <>
      <span className={`${admin.badge} ${isBad ? admin.bad : ''}`}>{id}</span>{' '}
      {isKnown(name) && <strong>{t(`doctor.found.${name}.title`)}.</strong>} {detail}
    </>
  )
}
