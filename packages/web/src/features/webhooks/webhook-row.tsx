import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import classes from '../admin/admin.module.css'
import { Deliveries } from './deliveries.tsx'
import { deliveriesKey, type IssuedSecret, type Webhook, webhooksQuery } from './queries.ts'
import { RotateDialog } from './rotate-dialog.tsx'

interface WebhookRowProps {
  webhook: Webhook
  mayChange: boolean
  onIssued: (issued: IssuedSecret) => void
}

export function WebhookRow({ webhook, mayChange, onIssued }: WebhookRowProps) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [isShowing, setShowing] = useState(false)
  const [question, setQuestion] = useState<'remove' | 'rotate'>()
  const { id, name, enabled } = webhook
  const path = { id }
  const settle = () => cache.invalidateQueries(webhooksQuery)
  const turn = useMutation({
    mutationFn: () =>
      confirm(() => client.api.PATCH('/api/v1/webhooks/{id}', { params: { path }, body: { enabled: !enabled } })),
    onSuccess: (changed) => changed && announce(t(changed.enabled ? 'webhooks.resumed' : 'webhooks.paused', { name })),
    onSettled: settle,
  })
  const test = useMutation({
    mutationFn: () => confirm(() => client.api.POST('/api/v1/webhooks/{id}/test', { params: { path } })),
    onSuccess: (sent) => {
      if (!sent) return
      announce(t('webhooks.tested'))
      setShowing(true)
      void cache.invalidateQueries({ queryKey: deliveriesKey(id) })
    },
  })
  const remove = useMutation({
    mutationFn: () =>
      confirm(async () => {
        await client.api.DELETE('/api/v1/webhooks/{id}', { params: { path } })
        return true
      }),
    onSuccess: (isDone) => {
      if (isDone) announce(t('webhooks.removed', { name }))
      setQuestion(undefined)
      return settle()
    },
  })
  const failure = turn.error ?? test.error
  const overlap = webhook.old_secret_until ? new Date(webhook.old_secret_until) : undefined
  return (
    <>
      <div className={classes.row}>
        <div className={classes.names}>
          <Text component="span" fw={600}>
            {name}
          </Text>
          <div className={classes.quiet}>{webhook.url}</div>
        </div>
        <div className={`${classes.quiet} ${classes.middle}`}>
          <div>{webhook.events.includes('*') ? t('webhooks.everything') : webhook.events.join(', ')}</div>
          {webhook.disabled_reason && <div>{webhook.disabled_reason}</div>}
          {overlap && overlap > now && <div>{t('webhooks.overlap', { time: dates.full(overlap) })}</div>}
          {failure && <span role="alert">{explainError(failure, t)}</span>}
        </div>
        <div className={classes.end}>
          <span className={`${classes.badge} ${enabled ? classes.good : classes.bad}`}>
            {t(enabled ? 'webhooks.on' : 'webhooks.off')}
          </span>
        </div>
      </div>
      <Group gap="xs" px="md" pb="sm">
        <Button
          size="compact-sm"
          variant="default"
          aria-expanded={isShowing}
          aria-label={isShowing ? t('webhooks.hide') : t('webhooks.deliveriesOf', { name })}
          onClick={() => setShowing(!isShowing)}
        >
          {t(isShowing ? 'webhooks.hide' : 'webhooks.deliveries')}
        </Button>
        {mayChange && (
          <>
            {enabled && (
              <Button size="compact-sm" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
                {t('webhooks.test')}
              </Button>
            )}
            <Button size="compact-sm" variant="default" loading={turn.isPending} onClick={() => turn.mutate()}>
              {t(enabled ? 'webhooks.pause' : 'webhooks.resume')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setQuestion('rotate')}>
              {t('webhooks.rotate')}
            </Button>
            <Button size="compact-sm" variant="subtle" color="red" onClick={() => setQuestion('remove')}>
              {t('webhooks.remove')}
            </Button>
          </>
        )}
      </Group>
      {isShowing && <Deliveries webhook={webhook} mayChange={mayChange} />}
      {question === 'rotate' && (
        <RotateDialog webhook={webhook} onIssued={onIssued} onClose={() => setQuestion(undefined)} />
      )}
      {question === 'remove' && (
        <ConfirmDialog
          title={t('webhooks.removeTitle', { name })}
          text={t('webhooks.removeText')}
          action={t('webhooks.remove')}
          change={{
            start: () => remove.mutate(),
            isPending: remove.isPending,
            failure: remove.error ? explainError(remove.error, t) : undefined,
            forget: () => remove.reset(),
          }}
          onClose={() => setQuestion(undefined)}
        />
      )}
    </>
  )
}
