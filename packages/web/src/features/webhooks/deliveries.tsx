import type { WebhookDelivery } from '@atrium/client'
import { Box, Button, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import classes from '../admin/admin.module.css'
import { PagedList } from '../admin/paged-list.tsx'
import { deliveriesKey, type Webhook } from './queries.ts'

interface DeliveriesProps {
  webhook: Webhook
  mayChange: boolean
}

export function Deliveries({ webhook, mayChange }: DeliveriesProps) {
  const { t } = useTranslation()
  const { id } = webhook
  return (
    <Box px="md" pb="md">
      <PagedList
        queryKey={deliveriesKey(id)}
        load={(cursor) =>
          client.api.GET('/api/v1/webhooks/{id}/deliveries', {
            params: { path: { id }, query: cursor ? { cursor } : {} },
          })
        }
        label={t('webhooks.deliveriesOf', { name: webhook.name })}
        empty={t('webhooks.noDeliveries')}
      >
        {(delivery: WebhookDelivery) => (
          <DeliveryRow webhook={webhook} delivery={delivery} mayChange={mayChange && webhook.enabled} />
        )}
      </PagedList>
    </Box>
  )
}

function DeliveryRow({ webhook, delivery, mayChange }: DeliveriesProps & { delivery: WebhookDelivery }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const again = useMutation({
    mutationFn: () => {
      const path = { id: webhook.id, did: delivery.id }
      return confirm(() => client.api.POST('/api/v1/webhooks/{id}/deliveries/{did}/redeliver', { params: { path } }))
    },
    onSuccess: (sent) => sent && announce(t('webhooks.resent')),
    onSettled: () => cache.invalidateQueries({ queryKey: deliveriesKey(webhook.id) }),
  })
  const { status, response_status: answer, next_attempt_at: next } = delivery
  const look = status === 'dead' ? classes.bad : status === 'delivered' ? classes.good : ''
  return (
    <div className={classes.row}>
      <div className={classes.names}>
        <Text component="span" fw={600}>
          {delivery.event_type}
        </Text>
        <div className={classes.quiet}>
          {dates.ago(new Date(delivery.created_at), now)} · {t('webhooks.tries', { count: delivery.attempts })}
        </div>
      </div>
      <div className={`${classes.quiet} ${classes.middle}`}>
        {delivery.last_error ?? (answer !== null && t('webhooks.answer', { status: answer }))}
        {next && delivery.attempts > 0 && <div>{t('webhooks.next', { time: dates.full(new Date(next)) })}</div>}
        {again.error && <span role="alert">{explainError(again.error, t)}</span>}
      </div>
      <div className={classes.end}>
        <span className={`${classes.badge} ${look}`}>
          {t(`webhooks.state.${status as 'pending' | 'sending' | 'delivered' | 'dead'}`)}
        </span>
        {mayChange && status !== 'sending' && (
          <Button size="compact-sm" variant="light" mt={6} loading={again.isPending} onClick={() => again.mutate()}>
            {t('webhooks.again')}
          </Button>
        )}
      </div>
    </div>
  )
}
