import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useSignOut } from '../features/accounts/use-sign-out.ts'
import { client } from './client.ts'
import { explainError } from './error-words.ts'
import { useUser } from './session.ts'
import { useDates } from './use-dates.ts'

/** An account that waits to be erased can be taken back, and nothing else is open to it. */
export function LeavingGate({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const { signOut } = useSignOut()
  const restore = useMutation({
    mutationFn: () => client.api.POST('/api/v1/users/me/restore'),
    // What the other pages could not load while the account was leaving is asked anew.
    onSuccess: () => window.location.assign('/'),
  })
  if (me.status !== 'deletion_pending') return children
  const date = me.erase_at ? dates.date(new Date(me.erase_at)) : ''
  return (
    <Stack align="center" justify="center" gap="sm" p="xl" mih="60%" ta="center">
      <Title order={1} tabIndex={-1} data-page-heading>
        {t('leaving.title')}
      </Title>
      <Text c="dimmed" maw={460}>
        {t('leaving.text', { date })}
      </Text>
      {restore.error && (
        <Text c="var(--danger-text)" role="alert">
          {explainError(restore.error, t)}
        </Text>
      )}
      <Group mt="sm">
        <Button loading={restore.isPending} onClick={() => restore.mutate()}>
          {t('leaving.restore')}
        </Button>
        <Button variant="default" onClick={signOut}>
          {t('navigation.signOut')}
        </Button>
      </Group>
    </Stack>
  )
}
