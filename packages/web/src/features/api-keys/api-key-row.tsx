import type { ApiKey, IssuedApiKey } from '@atrium/client'
import { IconKey } from '@tabler/icons-react'
import type { TFunction } from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import type { Dates } from '../../app/dates.ts'
import { Item, ItemAction } from '../../app/item-list.tsx'
import { useDates, useNow } from '../../app/use-dates.ts'
import { useGuarded } from '../accounts/use-guarded.ts'
import { apiKeysQuery } from './api-keys-query.ts'
import { scopeText } from './scopes.ts'

interface ApiKeyRowProps {
  apiKey: ApiKey
  onRotated: (issued: IssuedApiKey) => void
}

export function ApiKeyRow({ apiKey, onRotated }: ApiKeyRowProps) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const [asking, setAsking] = useState<'rotate' | 'revoke'>()
  const { id, name, prefix, scopes, allowed_ips, expires_at } = apiKey
  const params = { path: { id } }
  const renews = [apiKeysQuery.queryKey]

  const rotate = useGuarded({
    run: () => client.api.POST('/api/v1/users/me/api-keys/{id}/rotate', { params }),
    renews,
    onDone: (issued) => {
      setAsking(undefined)
      onRotated(issued)
    },
  })
  const revoke = useGuarded({
    run: () => client.api.DELETE('/api/v1/users/me/api-keys/{id}', { params }),
    renews,
    onDone: () => announce(t('apiKeys.revoked', { name })),
  })
  const isExpired = expires_at !== null && new Date(expires_at) <= now
  const close = () => setAsking(undefined)

  return (
    <>
      <Item
        testId="api-key"
        icon={IconKey}
        title={name}
        badge={isExpired ? { text: t('apiKeys.expiredBadge'), isWarning: true } : undefined}
        details={[
          `${prefix}… · ${lifeText(apiKey, isExpired, dates, t)}`,
          usedText(apiKey, dates, now, t),
          t('apiKeys.may', { list: scopes.map((scope) => scopeText(scope, t)).join(', ') }),
          allowed_ips.length > 0 ? t('apiKeys.from', { list: allowed_ips.join(', ') }) : undefined,
        ]}
        actions={
          <>
            <ItemAction label={t('apiKeys.rotateLabel', { name })} onClick={() => setAsking('rotate')}>
              {t('apiKeys.rotate')}
            </ItemAction>
            <ItemAction isDanger label={t('apiKeys.revokeLabel', { name })} onClick={() => setAsking('revoke')}>
              {t('apiKeys.revoke')}
            </ItemAction>
          </>
        }
      />
      {asking && (
        <ConfirmDialog
          title={t(`apiKeys.${asking}Title`, { name })}
          text={t(`apiKeys.${asking}Text`)}
          action={t(`apiKeys.${asking}`)}
          change={asking === 'rotate' ? rotate : revoke}
          onClose={close}
        />
      )}
    </>
  )
}

function lifeText({ expires_at }: ApiKey, isExpired: boolean, dates: Dates, t: TFunction): string {
  if (expires_at === null) return t('apiKeys.forever')
  const date = dates.date(new Date(expires_at))
  return isExpired ? t('apiKeys.expired', { date }) : t('apiKeys.until', { date })
}

function usedText({ last_used_at, last_used_ip, created_at }: ApiKey, dates: Dates, now: Date, t: TFunction): string {
  if (last_used_at === null) {
    return `${t('apiKeys.unused')} · ${t('apiKeys.made', { date: dates.date(new Date(created_at)) })}`
  }
  const time = dates.ago(new Date(last_used_at), now)
  return last_used_ip ? t('apiKeys.used', { time, ip: last_used_ip }) : t('apiKeys.usedSomewhere', { time })
}
