import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Skeleton.css'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import classes from './admin.module.css'
import { type Role, rolesQuery } from './queries.ts'
import { may } from './rights.ts'
import { RoleForm } from './role-form.tsx'

export function RolesPage() {
  const { t } = useTranslation()
  const me = useUser()
  usePageTitle(t('admin.roles'))
  const query = useQuery(rolesQuery)
  /** `null`: nothing open; `undefined` role: a new one. */
  const [open, setOpen] = useState<{ role: Role | undefined } | null>(null)
  if (query.isPending) return <Skeleton h={240} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const mayChange = may(me, 'roles:update')
  const title = open?.role ? t('roles.editTitle', { name: open.role.name }) : t('roles.addTitle')
  return (
    <>
      {mayChange && (
        <Group justify="flex-end" mb="md">
          <Button
            leftSection={<IconPlus size={18} stroke={1.75} aria-hidden />}
            onClick={() => setOpen({ role: undefined })}
          >
            {t('roles.add')}
          </Button>
        </Group>
      )}
      <ul className={classes.list} aria-label={t('admin.roles')}>
        {query.data.map((role) => (
          <li key={role.name}>
            <RoleRow role={role} onEdit={mayChange && !role.built_in ? () => setOpen({ role }) : undefined} />
          </li>
        ))}
      </ul>
      <Modal opened={open !== null} onClose={() => setOpen(null)} title={title} radius="lg" size="lg" centered>
        {open && <RoleForm role={open.role} roles={query.data} onDone={() => setOpen(null)} />}
      </Modal>
    </>
  )
}

function RoleRow({ role, onEdit }: { role: Role; onEdit: (() => void) | undefined }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const remove = useMutation({
    mutationFn: () =>
      confirm(async () => {
        await client.api.DELETE('/api/v1/admin/roles/{name}', { params: { path: { name: role.name } } })
        return true
      }),
    onSuccess: (isDone) => isDone && announce(t('roles.removed', { name: role.name })),
    onSettled: () => cache.invalidateQueries(rolesQuery),
  })
  const grants = role.permissions.includes('*') ? t('roles.everything') : role.permissions.join(', ')
  return (
    <div className={classes.row}>
      <div className={classes.names}>
        <Text component="span" fw={600}>
          {role.name}
        </Text>
        <div className={classes.quiet}>{role.description}</div>
      </div>
      <Stack gap={2} className={`${classes.quiet} ${classes.middle}`}>
        <span>{grants}</span>
        {role.inherits.length > 0 && <span>{t('roles.inherits', { roles: role.inherits.join(', ') })}</span>}
        {remove.error && (
          <Text size="sm" c="var(--danger-text)" role="alert">
            {explainError(remove.error, t)}
          </Text>
        )}
      </Stack>
      <div className={classes.end}>
        {role.built_in ? (
          <span className={classes.badge}>{t('roles.builtIn')}</span>
        ) : (
          onEdit && (
            <Group gap="xs" wrap="nowrap">
              <Button
                size="compact-sm"
                variant="default"
                onClick={onEdit}
                aria-label={`${t('roles.edit')} ${role.name}`}
              >
                {t('roles.edit')}
              </Button>
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                loading={remove.isPending}
                onClick={() => remove.mutate()}
                aria-label={`${t('roles.remove')} ${role.name}`}
              >
                {t('roles.remove')}
              </Button>
            </Group>
          )
        )}
      </div>
    </div>
  )
}
