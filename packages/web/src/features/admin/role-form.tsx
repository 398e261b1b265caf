import { Button, Checkbox, Fieldset, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.css'
import '@mantine/core/styles/Fieldset.css'
import '@mantine/core/styles/InlineInput.css'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { permissionsQuery, type Role, rolesQuery } from './queries.ts'

interface RoleFormProps {
  role: Role | undefined
  roles: readonly Role[]
  onDone: () => void
}

export function RoleForm({ role, roles, onDone }: RoleFormProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const all = useQuery(permissionsQuery)
  const [name, setName] = useState(role?.name ?? '')
  const [description, setDescription] = useState(role?.description ?? '')
  const [permissions, setPermissions] = useState<readonly string[]>(role?.permissions ?? [])
  const [inherits, setInherits] = useState<readonly string[]>(role?.inherits ?? [])
  const save = useMutation({
    mutationFn: () => {
      const body = { description, permissions: [...permissions], inherits: [...inherits] }
      return confirm(() =>
        role
          ? client.api.PATCH('/api/v1/admin/roles/{name}', {
              params: { path: { name: role.name } },
              headers: { 'if-match': `"v${role.version}"` },
              body,
            })
          : client.api.POST('/api/v1/admin/roles', { body: { name, ...body } }),
      )
    },
    onSuccess: (saved) => {
      if (!saved) return
      announce(t('roles.saved', { name: saved.name }))
      void cache.invalidateQueries(rolesQuery)
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const toggled = (list: readonly string[], value: string, on: boolean) =>
    on ? [...list, value] : list.filter((other) => other !== value)
  return (
    <form onSubmit={submit}>
      <Stack>
        {!role && (
          <TextInput
            label={t('roles.name')}
            description={t('roles.nameHint')}
            required
            pattern="[a-z][a-z0-9_\-]{1,63}"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <TextInput
          label={t('roles.description')}
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Fieldset legend={t('roles.alsoOf')} radius="md">
          <Stack gap="xs">
            {roles
              .filter((other) => other.name !== role?.name)
              .map((other) => (
                <Checkbox
                  key={other.name}
                  label={other.name}
                  checked={inherits.includes(other.name)}
                  onChange={(event) => setInherits(toggled(inherits, other.name, event.currentTarget.checked))}
                />
              ))}
          </Stack>
        </Fieldset>
        <Fieldset legend={t('roles.permissions')} radius="md">
          {all.data ? (
            <Stack gap="xs">
              {all.data.map((permission) => (
                <Checkbox
                  key={permission.name}
                  label={permission.description}
                  description={permission.name}
                  checked={permissions.includes(permission.name)}
                  onChange={(event) =>
                    setPermissions(toggled(permissions, permission.name, event.currentTarget.checked))
                  }
                />
              ))}
            </Stack>
          ) : (
            <Skeleton h={120} />
          )}
        </Fieldset>
        {save.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(save.error, t)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {role ? t('roles.save') : t('roles.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
