import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { useDates, useNow } from '../../app/use-dates.ts'
import { useIdentityCheck } from '../accounts/identity-check.tsx'
import { personName } from '../people/person.ts'
import { PersonAvatar } from '../people/person-avatar.tsx'
import classes from './admin.module.css'
import { PagedList } from './paged-list.tsx'
import { type AdminUser, rolesQuery } from './queries.ts'
import { may } from './rights.ts'
import { UserState } from './user-state.tsx'

const states = ['active', 'pending', 'suspended', 'deactivated', 'deletion_pending'] as const

export function UsersPage() {
  const { t } = useTranslation()
  const me = useUser()
  usePageTitle(t('admin.users'))
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 250)
  const [status, setStatus] = useState('')
  const [role, setRole] = useState('')
  const roles = useQuery({ ...rolesQuery, enabled: may(me, 'roles:read') })
  const [isAdding, adding] = useDisclosure()

  return (
    <>
      <div className={classes.filters}>
        <TextInput
          type="search"
          label={t('users.search')}
          leftSection={<IconSearch size={18} stroke={1.75} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <NativeSelect
          size="md"
          label={t('users.status')}
          value={status}
          onChange={(event) => setStatus(event.currentTarget.value)}
          data={[
            { value: '', label: t('users.anyStatus') },
            ...states.map((value) => ({ value, label: t(`users.state.${value}`) })),
          ]}
        />
        {roles.data && (
          <NativeSelect
            size="md"
            label={t('users.role')}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value)}
            data={[{ value: '', label: t('users.anyRole') }, ...roles.data.map(({ name }) => name)]}
          />
        )}
        {may(me, 'users:create') && (
          <Button leftSection={<IconPlus size={18} stroke={1.75} aria-hidden />} onClick={adding.open}>
            {t('users.add')}
          </Button>
        )}
      </div>
      <PagedList
        queryKey={['admin', 'users', { search, status, role }]}
        load={(cursor) =>
          client.api.GET('/api/v1/admin/users', {
            params: {
              query: {
                ...(search ? { search } : {}),
                ...(status ? { status: status as (typeof states)[number] } : {}),
                ...(role ? { role } : {}),
                ...(cursor ? { cursor } : {}),
              },
            },
          })
        }
        label={t('admin.users')}
        empty={t('users.none')}
      >
        {(user: AdminUser) => <UserRow user={user} />}
      </PagedList>
      <Modal opened={isAdding} onClose={adding.close} title={t('users.addTitle')} radius="lg" centered>
        <NewUserForm onDone={adding.close} />
      </Modal>
    </>
  )
}

function UserRow({ user }: { user: AdminUser }) {
  const { t } = useTranslation()
  const dates = useDates()
  const now = useNow()
  const seen = user.last_login_at ? dates.ago(new Date(user.last_login_at), now) : t('users.never')
  return (
    <Link to="/admin/users/$userId" params={{ userId: user.id }} className={classes.row ?? ''}>
      <span className={classes.name}>
        <PersonAvatar person={user} size={38} />
        <span className={classes.names}>
          <Text component="span" fw={600} display="block">
            {personName(user)}
          </Text>
          <span className={classes.quiet}>
            @{user.username}
            {user.email ? ` · ${user.email}` : ''}
          </span>
        </span>
      </span>
      <span className={`${classes.quiet} ${classes.middle}`}>
        {user.roles.join(', ')}
        <br />
        {t('users.seen')}: {seen}
      </span>
      <span className={classes.end}>
        <UserState user={user} />
      </span>
    </Link>
  )
}

function NewUserForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useIdentityCheck()
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const add = useMutation({
    mutationFn: () => confirm(() => client.api.POST('/api/v1/admin/users', { body: { username, email } })),
    onSuccess: (user) => {
      if (!user) return
      announce(t('users.added', { name: user.username }))
      void cache.invalidateQueries({ queryKey: ['admin', 'users'] })
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text c="dimmed">{t('users.addText')}</Text>
        <TextInput
          label={t('users.username')}
          required
          maxLength={30}
          autoComplete="off"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={t('users.email')}
          type="email"
          required
          maxLength={254}
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        {add.error && (
          <Text c="var(--danger-text)" role="alert">
            {explainError(add.error, t)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('users.addAction')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
