import type { Conversation, Member } from '@atrium/client'
import { ActionIcon, Menu, Text } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Popover.css'
import { IconBan, IconCrown, IconDots, IconShield, IconUser, IconUserMinus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../app/announcer.tsx'
import { client } from '../../app/client.ts'
import { ConfirmDialog } from '../../app/confirm-dialog.tsx'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { personName } from '../people/person.ts'
import { PresenceFace } from '../presence/presence-face.tsx'
import classes from './groups.module.css'
import { canRemove, rolesToGive } from './member-rights.ts'
import { memberBansQuery, membersKey } from './queries.ts'

interface MemberRowProps {
  member: Member
  conversation: Conversation
  onClose: () => void
}

const signs = { owner: IconCrown, admin: IconShield, member: IconUser }
const giving = { owner: 'info.makeOwner', admin: 'info.makeAdmin', member: 'info.makeMember' } as const

export function MemberRow({ member: { user, role }, conversation, onClose }: MemberRowProps) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const { id } = conversation
  const name = personName(user)
  const [asking, setAsking] = useState<'remove' | 'ban'>()
  const isMe = user.id === me.id
  const roles = isMe ? [] : rolesToGive(conversation, role)
  const removable = !isMe && canRemove(conversation, role)
  const path = { id, user: user.id }

  const reload = () =>
    Promise.all([cache.invalidateQueries({ queryKey: membersKey(id) }), cache.invalidateQueries(memberBansQuery(id))])
  const give = useMutation({
    mutationFn: (next: Member['role']) =>
      client.api.PATCH('/api/v1/conversations/{id}/members/{user}', { params: { path }, body: { role: next } }),
    onSuccess: () => announce(t('info.roleChanged', { name })),
    onSettled: reload,
  })
  const part = useMutation({
    mutationFn: (ban: boolean) =>
      client.api.DELETE('/api/v1/conversations/{id}/members/{user}', { params: { path, query: { ban } } }),
    onSuccess: (_, ban) => {
      announce(t(ban ? 'info.banned' : 'info.removed', { name }))
      setAsking(undefined)
    },
    onSettled: reload,
  })

  return (
    <li className={classes.member} data-testid="member">
      <Link
        to="/people/$name"
        params={{ name: `@${user.username}` }}
        className={classes.memberLink ?? ''}
        onClick={onClose}
      >
        <PresenceFace person={user} size={38} />
        <span className={classes.about}>
          <span className={classes.rowName}>{isMe ? `${name} (${t('app.you')})` : name}</span>
          <span className={classes.quiet}>@{user.username}</span>
        </span>
      </Link>
      {role !== 'member' && <span className={classes.role}>{t(`info.${role}`)}</span>}
      {(roles.length > 0 || removable) && (
        <Menu position="bottom-end" width={210} radius="lg" shadow="md" withinPortal>
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              radius="xl"
              loading={give.isPending}
              aria-label={t('info.actions', { name })}
            >
              <IconDots size={18} stroke={1.75} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown p="xs">
            {roles.map((each) => {
              const Sign = signs[each]
              return (
                <Menu.Item
                  key={each}
                  leftSection={<Sign size={18} stroke={1.75} aria-hidden />}
                  onClick={() => give.mutate(each)}
                >
                  {t(giving[each])}
                </Menu.Item>
              )
            })}
            {removable && (
              <>
                <Menu.Item
                  leftSection={<IconUserMinus size={18} stroke={1.75} aria-hidden />}
                  onClick={() => setAsking('remove')}
                >
                  {t('info.remove')}
                </Menu.Item>
                <Menu.Item
                  c="var(--danger-text)"
                  leftSection={<IconBan size={18} stroke={1.75} aria-hidden />}
                  onClick={() => setAsking('ban')}
                >
                  {t('info.ban')}
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {give.error && (
        <Text size="sm" c="var(--danger-text)" role="alert" className={classes.rowFailure ?? ''}>
          {explainError(give.error, t)}
        </Text>
      )}
      {asking && (
        <ConfirmDialog
          title={t(`info.${asking}Title`, { name })}
          text={t(`info.${asking}Text`)}
          action={t(`info.${asking}`)}
          change={{
            start: () => part.mutate(asking === 'ban'),
            isPending: part.isPending,
            failure: part.error ? explainError(part.error, t) : undefined,
            forget: part.reset,
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
    </li>
  )
}
