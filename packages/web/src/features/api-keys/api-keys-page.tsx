import type { IssuedApiKey } from '@atrium/client'
import { Button, Stack, Text } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { ItemList, ItemsLoading } from '../../app/item-list.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { ApiKeyRow } from './api-key-row.tsx'
import classes from './api-keys.module.css'
import { apiKeysQuery } from './api-keys-query.ts'
import { IssuedKey } from './issued-key.tsx'
import { NewApiKeyForm } from './new-api-key-form.tsx'

export function ApiKeysPage() {
  const { t } = useTranslation()
  const query = useQuery(apiKeysQuery)
  const [isMaking, setMaking] = useState(false)
  const [issued, setIssued] = useState<IssuedApiKey>()
  usePageTitle(t('apiKeys.title'))

  if (isMaking) {
    return (
      <AccountCard title={t('apiKeys.createTitle')}>
        <NewApiKeyForm
          onCancel={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false)
            setIssued(key)
          }}
        />
      </AccountCard>
    )
  }
  const create = (
    <Button
      leftSection={<IconPlus size={18} stroke={2} aria-hidden />}
      style={{ alignSelf: 'flex-start' }}
      onClick={() => setMaking(true)}
    >
      {t('apiKeys.create')}
    </Button>
  )
  return (
    <AccountCard title={t('apiKeys.title')} text={t('apiKeys.text')}>
      {query.isPending && <ItemsLoading />}
      {query.isError && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && (
        <div className={classes.empty}>
          <IconKey size={36} stroke={1.4} aria-hidden />
          <Text fw={650}>{t('apiKeys.emptyTitle')}</Text>
          <Text c="dimmed" maw={440}>
            {t('apiKeys.emptyText')}
          </Text>
          {create}
        </div>
      )}
      {query.data && query.data.length > 0 && (
        <Stack gap="lg">
          <ItemList>
            {query.data.map((apiKey) => (
              <ApiKeyRow key={apiKey.id} apiKey={apiKey} onRotated={setIssued} />
            ))}
          </ItemList>
          {create}
        </Stack>
      )}
      {issued && <IssuedKey issued={issued} onSaved={() => setIssued(undefined)} />}
    </AccountCard>
  )
}
