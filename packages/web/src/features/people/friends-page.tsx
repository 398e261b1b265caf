import type { Friend } from '@atrium/client'
import { Button } from '@mantine/core'
import { IconMessageCircle } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../app/error-words.ts'
import { FormAlert } from '../accounts/form-alert.tsx'
import { useOpenConversation } from '../messaging/use-open-conversation.ts'
import { usePresence } from '../presence/use-presence.ts'
import { personName } from './person.ts'
import { EmptyPeople, PersonList, PersonRow } from './person-list.tsx'
import { PersonMenu } from './person-menu.tsx'
import { friendsQuery } from './queries.ts'

export function FriendsPage() {
  const { t } = useTranslation()
  const query = useInfiniteQuery(friendsQuery)
  const open = useOpenConversation()
  const empty = (
    <EmptyPeople title={t('friends.emptyTitle')} text={t('friends.emptyText')}>
      <Button component={Link} to="/people" mt="sm">
        {t('friends.emptyAction')}
      </Button>
    </EmptyPeople>
  )
  return (
    <>
      {open.error && <FormAlert kind="error">{explainError(open.error, t)}</FormAlert>}
      <PersonList query={query} label={t('friends.list')} empty={empty}>
        {(friend: Friend) => (
          <FriendRow
            friend={friend}
            isOpening={open.isPending && open.variables.id === friend.user.id}
            onMessage={() => open.mutate(friend.user)}
          />
        )}
      </PersonList>
    </>
  )
}

interface FriendRowProps {
  friend: Friend
  isOpening: boolean
  onMessage: () => void
}

function FriendRow({ friend: { user, last_message }, isOpening, onMessage }: FriendRowProps) {
  const { t } = useTranslation()
  const presence = usePresence(user.id)
  return (
    <PersonRow person={user} detail={presence?.text || last_message?.text || user.bio}>
      <Button
        variant="light"
        size="sm"
        loading={isOpening}
        leftSection={<IconMessageCircle size={18} stroke={1.75} aria-hidden />}
        aria-label={t('friends.messageLabel', { name: personName(user) })}
        onClick={onMessage}
      >
        {t('friends.message')}
      </Button>
      <PersonMenu person={user} isFriend />
    </PersonRow>
  )
}
