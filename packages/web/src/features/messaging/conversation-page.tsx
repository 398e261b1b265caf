import type { Conversation } from '@atrium/client'
import { ActionIcon, Button, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import { AboutButton } from '../groups/about-button.tsx'
import { AboutLine } from '../groups/about-line.tsx'
import { ConversationFace } from '../groups/conversation-face.tsx'
import { Chat } from './chat.tsx'
import { ChatTools } from './chat-tools.tsx'
import { conversationName } from './conversation-name.ts'
import classes from './conversation-page.module.css'
import { MessagesLoading } from './messages-loading.tsx'
import { useConversation } from './queries.ts'

const route = getRouteApi('/member/messages/$conversationId')

export function ConversationPage() {
  const { conversationId } = route.useParams()
  // A new conversation is a new page: no scroll position, divider or text of the last one stays.
  return <ConversationView key={conversationId} id={conversationId} />
}

function ConversationView({ id }: { id: string }) {
  const { t } = useTranslation()
  const { conversation, error, isGone, retry } = useConversation(id)

  if (isGone) {
    return (
      <Failure title={t('conversations.goneTitle')} text={t('conversations.goneText')}>
        <Button component={Link} to="/messages" variant="light" mt="sm">
          {t('conversations.goneAction')}
        </Button>
      </Failure>
    )
  }
  if (conversation) return <OpenConversation conversation={conversation} />
  if (error) return <Failure title={t('errors.page')} error={error} onRetry={retry} />
  return <MessagesLoading />
}

function OpenConversation({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation()
  const me = useUser()
  const { at, thread } = route.useSearch()
  const name = conversationName(conversation, me.id, t)
  usePageTitle(name)
  return (
    <section className={classes.page} aria-labelledby="conversation-name">
      <header className={classes.header}>
        <ActionIcon
          component={Link}
          to="/messages"
          variant="subtle"
          color="gray"
          size={40}
          className={classes.back}
          aria-label={t('chat.back')}
        >
          <IconArrowLeft size={22} stroke={1.75} aria-hidden />
        </ActionIcon>
        <ConversationFace conversation={conversation} size={40} />
        <div className={classes.names}>
          <Title order={2} id="conversation-name" fz={17} lineClamp={1} tabIndex={-1} data-page-heading>
            {name}
          </Title>
          <AboutLine conversation={conversation} />
        </div>
        <div className={classes.tools}>
          <ChatTools conversationId={conversation.id} since={conversation.created_at} />
          <AboutButton conversation={conversation} name={name} />
        </div>
      </header>
      <Chat conversation={conversation} name={name} at={at} thread={thread} />
    </section>
  )
}
