import { Button, NativeSelect, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import classes from './admin.module.css'
import { PagedList } from './paged-list.tsx'
import { may } from './rights.ts'

const states = ['pending', 'sending', 'sent', 'dead', 'expired'] as const
type MailPage = Awaited<ReturnType<typeof client.api.GET<'/api/v1/admin/emails', object>>>
type Mail = MailPage extends { data: (infer Item)[] } ? Item : never

export function MailsPage() {
  const { t } = useTranslation()
  usePageTitle(t('admin.mails'))
  const [status, setStatus] = useState('')
  return (
    <>
      <div className={classes.filters}>
        <NativeSelect
          size="md"
          label={t('mails.status')}
          value={status}
          onChange={(event) => setStatus(event.currentTarget.value)}
          data={[
            { value: '', label: t('mails.any') },
            ...states.map((value) => ({ value, label: t(`mails.state.${value}`) })),
          ]}
        />
      </div>
      <PagedList
        queryKey={['admin', 'mails', status]}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/emails', {
            params: {
              query: {
                ...(status ? { status: status as (typeof states)[number] } : {}),
                ...(cursor ? { cursor } : {}),
              },
            },
          })
        }
        label={t('admin.mails')}
        empty={t('mails.none')}
      >
        {(mail: Mail) => <MailRow mail={mail} />}
      </PagedList>
    </>
  )
}

function MailRow({ mail }: { mail: Mail }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const cache = useQueryClient()
  const retry = useMutation({
    mutationFn: () => client.api.POST('/api/v1/admin/emails/{id}/retry', { params: { path: { id: mail.id } } }),
    onSuccess: () => announce(t('mails.retried', { to: mail.to })),
    onSettled: () => cache.invalidateQueries({ queryKey: ['admin', 'mails'] }),
  })
  const isBad = mail.status === 'dead'
  return (
    <div className={classes.row}>
      <div className={classes.names}>
        <Text component="span" fw={600}>
          {mail.to}
        </Text>
        <div className={classes.quiet}>
          {mail.template} · {dates.ago(new Date(mail.created_at), now)} · {t('mails.tries', { count: mail.attempts })}
        </div>
      </div>
      <div className={`${classes.quiet} ${classes.middle}`}>
        {mail.last_error}
        {retry.error && <span role="alert">{explainError(retry.error, t)}</span>}
      </div>
      <div className={classes.end}>
        <span className={`${classes.badge} ${isBad ? classes.bad : mail.status === 'sent' ? classes.good : ''}`}>
          {t(`mails.state.${mail.status}`)}
        </span>
        {isBad && may(me, 'mails:retry') && (
          <Button size="compact-sm" variant="light" mt={6} loading={retry.isPending} onClick={() => retry.mutate()}>
            {t('mails.retry')}
          </Button>
        )}
      </div>
    </div>
  )
}
