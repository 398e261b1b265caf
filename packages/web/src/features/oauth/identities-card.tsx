import type { LinkedIdentity } from '@atrium/client'
import { IconLink } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { Failure } from '../../app/failure.tsx'
import { Item, ItemAction, ItemList, ItemsLoading } from '../../app/item-list.tsx'
import { useDates, useNow } from '../../app/use-dates.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { useGuarded } from '../accounts/use-guarded.ts'
import { isRefusal } from '../two-factor/two-factor-queries.ts'

interface Provider {
  id: string
  name: string
}

const identitiesQuery = queryOptions({
  queryKey: ['identities'],
  queryFn: async () => {
    const [identities, providers] = await Promise.all([
      client.api.GET('/api/v1/users/me/identities'),
      client.api.GET('/api/v1/oauth/providers'),
    ])
    return { identities: identities.data, providers: providers.data.filter(({ enabled }) => enabled) }
  },
  staleTime: 0,
})

/** Nothing where the installation knows no provider and none is linked. */
export function IdentitiesCard() {
  const { t } = useTranslation()
  const query = useQuery(identitiesQuery)
  if (query.isPending) {
    return (
      <AccountCard title={t('identities.title')} text={t('identities.text')}>
        <ItemsLoading count={1} />
      </AccountCard>
    )
  }
  if (query.isError) {
    return (
      <AccountCard title={t('identities.title')} text={t('identities.text')}>
        <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
      </AccountCard>
    )
  }
  const { identities, providers } = query.data
  const others = providers.filter(({ id }) => !identities.some(({ provider }) => provider === id))
  if (identities.length === 0 && others.length === 0) return null
  return (
    <AccountCard title={t('identities.title')} text={t('identities.text')}>
      <ItemList>
        {identities.map((identity) => (
          <LinkedRow key={identity.id} identity={identity} />
        ))}
        {others.map((provider) => (
          <ProviderRow key={provider.id} provider={provider} />
        ))}
      </ItemList>
    </AccountCard>
  )
}

function LinkedRow({ identity }: { identity: LinkedIdentity }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const [isAsking, setAsking] = useState(false)
  const { id, provider_name: provider, email, name, created_at, last_used_at } = identity
  const who = email ?? name
  const unlink = useGuarded({
    run: () =>
      client.api.DELETE('/api/v1/users/me/identities/{identity_id}', { params: { path: { identity_id: id } } }),
    renews: [identitiesQuery.queryKey],
    explain: (error) => (isRefusal(error, 'last_login_method') ? t('identities.lastWay') : undefined),
    onDone: () => announce(t('identities.unlinked', { provider })),
  })
  return (
    <>
      <Item
        icon={IconLink}
        title={provider}
        details={[
          who ? t('identities.linked', { who }) : undefined,
          last_used_at
            ? t('passkeys.used', { time: dates.ago(new Date(last_used_at), now) })
            : t('identities.linkedSince', { date: dates.date(new Date(created_at)) }),
        ]}
        actions={
          <ItemAction isDanger label={t('identities.unlinkLabel', { provider })} onClick={() => setAsking(true)}>
            {t('identities.unlink')}
          </ItemAction>
        }
      />
      {isAsking && (
        <ConfirmDialog
          title={t('identities.unlinkTitle', { provider })}
          text={t('identities.unlinkText')}
          action={t('identities.unlink')}
          change={unlink}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

function ProviderRow({ provider: { id, name } }: { provider: Provider }) {
  const { t } = useTranslation()
  const link = useGuarded({
    run: () =>
      client.api.POST('/api/v1/oauth/{provider}/link', {
        params: { path: { provider: id } },
        body: { redirect_to: '/account/security' },
      }),
    onDone: ({ url }) => window.location.assign(url),
  })
  return (
    <Item
      icon={IconLink}
      title={name}
      details={[t('identities.notLinked')]}
      failure={link.failure}
      actions={
        <ItemAction
          label={t('identities.linkLabel', { provider: name })}
          loading={link.isPending}
          onClick={() => link.start()}
        >
          {t('identities.link')}
        </ItemAction>
      }
    />
  )
}
