import type { Conversation, Message } from '@atrium/client'
import { Modal, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../../app/client.ts'
import { Failure } from '../../../app/failure.tsx'
import { useUser } from '../../../app/session.ts'
import { useDates, useNow } from '../../../app/use-dates.ts'
import { personName } from '../../people/person.ts'
import { PersonAvatar } from '../../people/person-avatar.tsx'
import { useKnownPeople } from '../known-people.ts'
import { receiptsQuery } from '../queries.ts'
import classes from './readers-dialog.module.css'

/** Names that no message and no preview told are asked for, of so many people at most. */
const mostAsked = 30

interface ReadersDialogProps {
  message: Message
  conversation: Conversation
  onClose: () => void
}

/** Who has read a message, of those who let others know. */
export function ReadersDialog({ message, conversation, onClose }: ReadersDialogProps) {
  const { t } = useTranslation()
  const me = useUser()
  const dates = useDates()
  const now = useNow()
  const known = useKnownPeople(conversation, me.id)
  const query = useQuery(receiptsQuery(conversation.id))
  const readers = (query.data ?? []).filter(({ user_id, read_seq }) => user_id !== me.id && read_seq >= message.seq)
  const strangers = readers.filter(({ user_id }) => !known.some(({ id }) => id === user_id)).slice(0, mostAsked)
  const asked = useQueries({
    queries: strangers.map(({ user_id }) => ({
      queryKey: ['person', user_id],
      queryFn: () => client.people.get(user_id),
    })),
  })
  const people = [...known, ...asked.flatMap(({ data }) => data ?? [])]
  return (
    <Modal opened onClose={onClose} title={t('chat.seenBy')} closeButtonProps={{ 'aria-label': t('app.close') }}>
      {query.error && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && readers.length === 0 && <Text c="dimmed">{t('chat.seenByNobody')}</Text>}
      <ul className={classes.readers}>
        {readers.map(({ user_id, read_at }) => {
          const person = people.find(({ id }) => id === user_id)
          return (
            person && (
              <li key={user_id} className={classes.reader}>
                <PersonAvatar person={person} size={36} />
                <span className={classes.name}>{personName(person)}</span>
                {read_at && <time className={classes.at}>{dates.ago(new Date(read_at), now)}</time>}
              </li>
            )
          )
        })}
      </ul>
    </Modal>
  )
}
