import { Button, Checkbox, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/InlineInput.css'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { type AdminUser, rolesQuery, userQuery } from './queries.ts'

export function UserRoles({ user }: { user: AdminUser }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const roles = useQuery(rolesQuery)
  const [chosen, setChosen] = useState<readonly string[]>(user.roles)
  const save = useMutation({
    mutationFn: () =>
      confirm(() =>
        client.api.PATCH('/api/v1/admin/users/{id}', {
          params: { path: { id: user.id } },
          headers: { 'if-match': `"v${user.version}"` },
          body: { roles: [...chosen] },
        }),
      ),
    onSuccess: (changed) => {
      if (!changed) return
      announce(t('person.done.roles'))
      cache.setQueryData(userQuery(user.id).queryKey, changed)
      void cache.invalidateQueries({ queryKey: ['admin'] })
    },
  })
  const isSame = chosen.length === user.roles.length && chosen.every((role) => user.roles.includes(role))
  const toggle = (name: string, on: boolean) =>
    setChosen(on ? [...chosen, name] : chosen.filter((role) => role !== name))
  return (
    <AccountCard title={t('person.roles')} text={t('person.rolesText')}>
      <Stack>
        {(roles.data ?? []).map(({ name, description }) => (
          <Checkbox
            key={name}
            label={name}
            description={description}
            checked={chosen.includes(name)}
            onChange={(event) => toggle(name, event.currentTarget.checked)}
          />
        ))}
        {save.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(save.error, t)}
          </Text>
        )}
        <div>
          <Button disabled={isSame || chosen.length === 0} loading={save.isPending} onClick={() => save.mutate()}>
            {t('person.save')}
          </Button>
        </div>
      </Stack>
    </AccountCard>
  )
}
