import type { PublicUser } from '@atrium/client'
import { ApiError } from '@atrium/client'
import { Button, Text } from '@mantine/core'
import { IconMessageCircle, IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { useUser } from '../../app/session.ts'
import { useDates } from '../../app/use-dates.ts'
import { may } from '../admin/rights.ts'
import { useOpenConversation } from '../messaging/use-open-conversation.ts'
import classes from './people.module.css'
import { personName } from './person.ts'
import { PersonMenu } from './person-menu.tsx'
import { type Relation, relationQuery } from './queries.ts'
import { usePeopleActions } from './use-people-actions.ts'

/** What can be done with somebody, by how one stands to them. */
export function ProfileActions({ person }: { person: PublicUser }) {
  const { t } = useTranslation()
  const me = useUser()
  const relation = useQuery({ ...relationQuery(person.id), enabled: may(me, 'friends:read') })
  const open = useOpenConversation()
  const actions = usePeopleActions()
  const name = personName(person)
  const isBlocked = relation.data?.kind === 'blocked'
  const failure = actions.error ?? open.error
  const words =
    failure instanceof ApiError && failure.code === 'messaging_not_allowed'
      ? t('people.notAllowed', { name })
      : failure && explainError(failure, t)
  return (
    <>
      {!isBlocked && may(me, 'messages:send') && (
        <Button
          leftSection={<IconMessageCircle size={18} stroke={1.75} aria-hidden />}
          loading={open.isPending}
          onClick={() => open.mutate(person)}
        >
          {t('friends.message')}
        </Button>
      )}
      {relation.data && may(me, 'friends:update') && (
        <>
          <RelationButtons relation={relation.data} person={person} actions={actions} />
          <PersonMenu person={person} isFriend={relation.data.kind === 'friend'} isBlocked={isBlocked} />
        </>
      )}
      {relation.data && <RelationWords relation={relation.data} name={name} />}
      {words && (
        <Text c="var(--danger-text)" className={classes.fullLine ?? ''} role="alert">
          {words}
        </Text>
      )}
    </>
  )
}

interface RelationButtonsProps {
  relation: Relation
  person: PublicUser
  actions: ReturnType<typeof usePeopleActions>
}

function RelationButtons({ relation, person, actions }: RelationButtonsProps) {
  const { t } = useTranslation()
  const button = (action: Parameters<typeof actions.start>[0]['action'], label: string, isMain = false) => (
    <Button
      variant={isMain ? 'light' : 'default'}
      {...(action === 'ask' ? { leftSection: <IconUserPlus size={18} stroke={1.75} aria-hidden /> } : {})}
      loading={actions.isBusy(action, person)}
      onClick={() =>
        actions.start({ action, person, ...('requestId' in relation ? { requestId: relation.requestId } : {}) })
      }
    >
      {label}
    </Button>
  )
  if (relation.kind === 'stranger') return button('ask', t('friends.add'), true)
  if (relation.kind === 'outgoing') return button('cancel', t('friends.cancel'))
  if (relation.kind === 'blocked') return button('unblock', t('blocked.unblock'))
  if (relation.kind === 'friend') return null
  return (
    <>
      {button('accept', t('friends.accept'), true)}
      {button('decline', t('friends.decline'))}
    </>
  )
}

function RelationWords({ relation, name }: { relation: Relation; name: string }) {
  const { t } = useTranslation()
  const dates = useDates()
  const words = {
    stranger: () => '',
    friend: () =>
      relation.kind === 'friend' ? t('friends.since', { date: dates.date(new Date(relation.since)) }) : '',
    incoming: () => t('people.asked', { name }),
    outgoing: () => t('friends.requestSent', { name }),
    blocked: () => t('blocked.notice', { name }),
  }[relation.kind]()
  return words ? (
    <Text size="sm" c="dimmed" className={classes.fullLine ?? ''}>
      {words}
    </Text>
  ) : null
}
