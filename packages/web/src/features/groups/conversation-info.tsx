import type { Conversation } from '@atrium/client'
import { Drawer, Text, Title } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Drawer.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../app/session.ts'
import { otherMembers } from '../messaging/conversation-name.ts'
import { ConversationFace } from './conversation-face.tsx'
import { ConversationPicture } from './conversation-picture.tsx'
import { ConversationSettings } from './conversation-settings.tsx'
import { DirectInfo } from './direct-info.tsx'
import { Ending } from './ending.tsx'
import classes from './groups.module.css'
import { Invites } from './invites.tsx'
import { MemberBans } from './member-bans.tsx'
import { MemberList } from './member-list.tsx'
import { administers } from './member-rights.ts'

interface ConversationInfoProps {
  conversation: Conversation
  name: string
  onClose: () => void
}

/** Who is in a conversation, and what one may change about it. */
export function ConversationInfo({ conversation, name, onClose }: ConversationInfoProps) {
  const { t } = useTranslation()
  const me = useUser()
  const isDirect = conversation.kind === 'direct'
  const [other] = otherMembers(conversation, me.id)
  const isAdmin = administers(conversation)
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={420}
      title={t('info.title')}
      classNames={{ content: classes.drawer ?? '', header: classes.drawer ?? '', title: classes.drawerTitle ?? '' }}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <header className={classes.infoHeader}>
        <ConversationFace conversation={conversation} size={72} />
        <Title order={2} mt="sm" className={classes.infoName ?? ''}>
          {name}
        </Title>
        {!isDirect && (
          <Text c="dimmed">
            {t(conversation.kind === 'channel' ? 'join.channel' : 'join.group')} ·{' '}
            {t('channels.members', { count: conversation.member_count })}
          </Text>
        )}
        {conversation.description && <Text className={classes.description ?? ''}>{conversation.description}</Text>}
      </header>
      {isDirect ? (
        other && <DirectInfo person={other} onClose={onClose} />
      ) : (
        <>
          <MemberList conversation={conversation} name={name} onClose={onClose} />
          {isAdmin && <Invites conversation={conversation} />}
          {isAdmin && <ConversationPicture conversation={conversation} />}
          {isAdmin && <ConversationSettings key={conversation.version} conversation={conversation} />}
          {isAdmin && <MemberBans conversation={conversation} />}
          <Ending conversation={conversation} name={name} onClose={onClose} />
        </>
      )}
    </Drawer>
  )
}
