import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { AccountCard } from '../accounts/account-card.tsx'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { personName } from '../people/person.ts'
import classes from './admin.module.css'
import type { AdminUser } from './queries.ts'
import { may } from './rights.ts'

const names = [
  'unlock',
  'verify-email',
  'force-password-reset',
  'reset-mfa',
  'revoke-sessions',
  'suspend',
  'activate',
  'deactivate',
] as const
type Name = (typeof names)[number]

/** Only what makes sense for this account and is allowed to the caller. */
function isOffered(
  name: Name,
  user: AdminUser,
  me: { permissions: readonly string[] } & Parameters<typeof may>[0],
): boolean {
  if (name === 'unlock') return user.locked_until !== null && may(me, 'users:update')
  if (name === 'suspend') return user.status === 'active' && may(me, 'users:suspend')
  if (name === 'activate') return ['suspended', 'deactivated'].includes(user.status) && may(me, 'users:suspend')
  if (name === 'deactivate') return user.status === 'active' && may(me, 'users:delete')
  if (!may(me, 'users:update')) return false
  if (name === 'verify-email') return user.kind === 'person' && !user.email_verified
  if (name === 'force-password-reset') return user.kind === 'person'
  if (name === 'reset-mfa') return user.mfa_enabled
  return true
}

export function UserActions({ user }: { user: AdminUser }) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [isActing, acting] = useDisclosure()
  const [isErasing, erasing] = useDisclosure()
  const run = useMutation({
    mutationFn: (name: Name) =>
      confirm(async () => {
        const params = { path: { id: user.id } }
        if (name === 'deactivate') await client.api.DELETE('/api/v1/admin/users/{id}', { params })
        else await client.api.POST(`/api/v1/admin/users/{id}/${name}`, { params })
        return name
      }),
    onSuccess: (name) => name && announce(t(`person.done.${name}`)),
    onSettled: () => cache.invalidateQueries({ queryKey: ['admin'] }),
  })
  const offered = names.filter((name) => isOffered(name, user, me))
  return (
    <AccountCard title={t('person.actions')}>
      <div className={classes.actions}>
        {offered.map((name) => (
          <div key={name} className={classes.action}>
            <div>
              <Text fw={600}>{t(`person.act.${name}.title`)}</Text>
              <Text c="dimmed" size="sm">
                {t(`person.act.${name}.text`)}
              </Text>
            </div>
            <Button
              variant={name === 'suspend' || name === 'deactivate' ? 'outline' : 'default'}
              {...(name === 'suspend' || name === 'deactivate' ? { color: 'red' } : {})}
              loading={run.isPending && run.variables === name}
              onClick={() => run.mutate(name)}
            >
              {t(`person.act.${name}.title`)}
            </Button>
          </div>
        ))}
        {run.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(run.error, t)}
          </Text>
        )}
        <div role="status">{run.data && <Text>{t(`person.done.${run.data}`)}</Text>}</div>
        <Group>
          {user.can_impersonate && may(me, 'users:impersonate') && (
            <Button variant="light" onClick={acting.open}>
              {t('person.impersonate')}
            </Button>
          )}
          {may(me, 'users:delete') && user.status !== 'deleted' && (
            <Button variant="subtle" color="red" onClick={erasing.open}>
              {t('person.erase')}
            </Button>
          )}
        </Group>
      </div>
      <Modal opened={isActing} onClose={acting.close} title={t('person.impersonate')} radius="lg" centered>
        <ImpersonateForm user={user} onCancel={acting.close} />
      </Modal>
      <Modal opened={isErasing} onClose={erasing.close} title={t('person.erase')} radius="lg" centered>
        <EraseForm user={user} onDone={erasing.close} />
      </Modal>
    </AccountCard>
  )
}

function ImpersonateForm({ user, onCancel }: { user: AdminUser; onCancel: () => void }) {
  const { t } = useTranslation()
  const confirm = useIdentityCheck()
  const [reason, setReason] = useState('')
  const begin = useMutation({
    mutationFn: () =>
      confirm(() =>
        // Every tab of this browser begins anew as the other person: what they have loaded is the administrator's.
        client.session.exchange(() =>
          client.api.POST('/api/v1/admin/users/{id}/impersonate', {
            params: { path: { id: user.id } },
            body: { reason: reason.trim() },
          }),
        ),
      ),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    begin.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text c="dimmed">{t('person.impersonateText')}</Text>
        <Textarea
          label={t('person.reason')}
          description={t('person.reasonHint')}
          required
          minLength={3}
          maxLength={500}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        {begin.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(begin.error, t)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={begin.isPending} disabled={reason.trim().length < 3}>
            {t('person.impersonateAction', { name: personName(user) })}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function EraseForm({ user, onDone }: { user: AdminUser; onDone: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [typed, setTyped] = useState('')
  const erase = useMutation({
    mutationFn: () =>
      confirm(async () => {
        const params = { path: { id: user.id }, query: { mode: 'erase' as const } }
        await client.api.DELETE('/api/v1/admin/users/{id}', { params })
        return true
      }),
    onSuccess: (isDone) => {
      if (!isDone) return
      announce(t('person.done.erase'))
      void cache.invalidateQueries({ queryKey: ['admin'] })
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    erase.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>{t('person.eraseText')}</Text>
        <TextInput
          label={t('person.eraseLabel', { name: user.username })}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        {erase.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(erase.error, t)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" color="red" loading={erase.isPending} disabled={typed !== user.username}>
            {t('person.erase')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
