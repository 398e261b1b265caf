import type { AdminReport } from '@atrium/client'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Chips } from '../../app/chips.tsx'
import { client } from '../../app/client.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { PagedList } from '../admin/paged-list.tsx'
import classes from './moderation.module.css'
import { ReportRow } from './report-row.tsx'
import { useModerationNews } from './use-moderation-news.ts'

/** What was reported, and what one does about it. */
export function ReportsPage() {
  const { t } = useTranslation()
  const [status, setStatus] = useState<AdminReport['status']>('open')
  usePageTitle(t('reports.title'))
  useModerationNews('report')
  return (
    <>
      <div className={classes.filters}>
        <Chips
          label={t('reports.show')}
          value={status}
          onChange={setStatus}
          choices={(['open', 'resolved', 'dismissed'] as const).map((value) => ({
            value,
            label: t(`reports.${value}`),
          }))}
        />
      </div>
      <PagedList
        queryKey={['moderation', 'report', status]}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/reports', { params: { query: { status, ...(cursor ? { cursor } : {}) } } })
        }
        label={t('reports.list')}
        empty={t('reports.none')}
      >
        {(report: AdminReport) => <ReportRow report={report} />}
      </PagedList>
    </>
  )
}
