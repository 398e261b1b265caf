import { Button, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { ItemList, ItemsLoading } from '../../app/item-list.tsx'
import { AccountCard } from '../accounts/account-card.tsx'
import { hasPasskeys } from '../sign-in/passkey-support.ts'
import { NewPasskeyForm } from './new-passkey-form.tsx'
import { PasskeyRow } from './passkey-row.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { passkeysQuery } from './two-factor-queries.ts'

export function PasskeysCard() {
  const { t } = useTranslation()
  const query = useQuery(passkeysQuery)
  const [isAdding, setAdding] = useState(false)
  const [codes, setCodes] = useState<readonly string[]>()
  const canAdd = hasPasskeys()
  return (
    <AccountCard title={t('passkeys.title')} text={t('passkeys.text')}>
      <Stack gap="lg">
        {query.isPending && <ItemsLoading count={1} />}
        {query.isError && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
        {query.data?.length === 0 && !isAdding && <Text c="dimmed">{t('passkeys.none')}</Text>}
        {query.data && query.data.length > 0 && (
          <ItemList>
            {query.data.map((passkey) => (
              <PasskeyRow key={passkey.id} passkey={passkey} />
            ))}
          </ItemList>
        )}
        {!canAdd && (
          <Text c="dimmed" size="sm">
            {t('passkeys.unavailable')}
          </Text>
        )}
        {canAdd && query.data && !isAdding && (
          <Button variant="default" style={{ alignSelf: 'flex-start' }} onClick={() => setAdding(true)}>
            {t('passkeys.add')}
          </Button>
        )}
        {isAdding && (
          <NewPasskeyForm
            onCancel={() => setAdding(false)}
            onAdded={(made) => {
              setAdding(false)
              setCodes(made)
            }}
          />
        )}
      </Stack>
      {codes && <RecoveryCodes codes={codes} onSaved={() => setCodes(undefined)} />}
    </AccountCard>
  )
}
