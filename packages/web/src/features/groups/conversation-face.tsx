import type { Avatar, Conversation } from '@atrium/client'
import { IconHash, IconUsers } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { conversationFace, otherMembers } from '../messaging/conversation-name.ts'
import { tintOf } from '../people/person.ts'
import { PersonAvatar, Picture, personTints } from '../people/person-avatar.tsx'
import { PresenceFace } from '../presence/presence-face.tsx'
import classes from './groups.module.css'

type Faced = Pick<Conversation, 'id' | 'kind' | 'title' | 'avatar' | 'members_preview'>

/** The other person with their dot, or a sign for a group and a channel. */
export function ConversationFace({ conversation, size }: { conversation: Faced; size: number }) {
  const { t } = useTranslation()
  const me = useUser()
  if (conversation.kind !== 'direct') return <RoomFace room={conversation} size={size} />
  const [other] = otherMembers(conversation, me.id)
  if (other) return <PresenceFace person={other} size={size} />
  return <PersonAvatar person={conversationFace(conversation, me.id, t)} size={size} />
}

export function RoomFace({
  room,
  size,
}: {
  room: { id: string; kind: Conversation['kind']; avatar?: Avatar | null }
  size: number
}) {
  const Sign = room.kind === 'channel' ? IconHash : IconUsers
  const tint = personTints[tintOf({ id: room.id, username: '', display_name: null }, personTints.length)] ?? ''
  const sign = <Sign size={size * 0.52} stroke={1.8} />
  return (
    <span aria-hidden="true" className={`${tint} ${classes.room}`} style={{ width: size, height: size }}>
      {room.avatar ? <Picture avatar={room.avatar} size={size} otherwise={sign} /> : sign}
    </span>
  )
}
