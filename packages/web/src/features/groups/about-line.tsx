import type { Conversation } from '@atrium/client'
import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { otherMembers } from '../messaging/conversation-name.ts'
import { usePresence } from '../presence/use-presence.ts'

/** Below the name: how the other person is, or how many are in it. */
export function AboutLine({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation()
  const me = useUser()
  const [other] = otherMembers(conversation, me.id)
  const isDirect = conversation.kind === 'direct'
  const presence = usePresence(isDirect ? other?.id : undefined)
  if (isDirect && !other) return null
  const state = presence && presence.state !== 'offline' ? t(`presence.${presence.state}`) : undefined
  const line = isDirect
    ? [`@${other?.username}`, state, presence?.text].filter(Boolean).join(' · ')
    : [t('conversations.members', { count: conversation.member_count }), conversation.description]
        .filter(Boolean)
        .join(' · ')
  return (
    <Text size="sm" c="dimmed" lineClamp={1}>
      {line}
    </Text>
  )
}
