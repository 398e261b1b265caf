import type { TrustedDevice } from '@atrium/client'
import { Text } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { Failure } from '../../app/failure.tsx'
import { Item, ItemAction, ItemList, ItemsLoading } from '../../app/item-list.tsx'
import { useDates } from '../../app/use-dates.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { useGuarded } from '../accounts/use-guarded.ts'
import { deviceNameOf } from '../sessions/device-name.ts'

const trustedQuery = queryOptions({
  queryKey: ['trusted-devices'],
  queryFn: async () => (await client.api.GET('/api/v1/users/me/trusted-devices')).data,
  staleTime: 0,
})

export function TrustedDevicesCard() {
  const { t } = useTranslation()
  const query = useQuery(trustedQuery)
  return (
    <AccountCard title={t('trusted.title')} text={t('trusted.text')}>
      {query.isPending && <ItemsLoading count={1} />}
      {query.isError && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && <Text c="dimmed">{t('trusted.none')}</Text>}
      {query.data && query.data.length > 0 && (
        <ItemList>
          {query.data.map((device) => (
            <TrustedDeviceRow key={device.id} device={device} />
          ))}
        </ItemList>
      )}
    </AccountCard>
  )
}

function TrustedDeviceRow({ device: { id, user_agent, ip, trusted_until } }: { device: TrustedDevice }) {
  const { t } = useTranslation()
  const dates = useDates()
  const device = deviceNameOf(user_agent, t)
  const forget = useGuarded({
    run: () =>
      client.api.DELETE('/api/v1/users/me/trusted-devices/{device_id}', { params: { path: { device_id: id } } }),
    renews: [trustedQuery.queryKey],
    onDone: () => announce(t('trusted.forgotten', { device })),
  })
  return (
    <Item
      icon={IconShieldCheck}
      title={device}
      details={[`${t('trusted.until', { date: dates.date(new Date(trusted_until)) })}, ${t('sessions.place', { ip })}`]}
      failure={forget.failure}
      actions={
        <ItemAction
          label={t('trusted.forgetLabel', { device })}
          loading={forget.isPending}
          onClick={() => forget.start()}
        >
          {t('trusted.forget')}
        </ItemAction>
      }
    />
  )
}
