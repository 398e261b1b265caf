import type { Message } from '@atrium/client'
import { ActionIcon } from '@mantine/core'
import { IconArrowBackUp, IconDots, IconMoodSmile } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { canWrite } from '../../groups/member-rights.ts'
import { useChat } from '../chat-actions.ts'
import { MessageMenu } from './message-menu.tsx'
import classes from './message-tools.module.css'
import { recentEmoji } from './pending-reactions.ts'

export type OpenTool = 'menu' | 'emoji' | null

const EmojiPopover = lazy(() => import('./emoji-popover.tsx').then(({ EmojiPopover }) => ({ default: EmojiPopover })))

interface MessageToolsProps {
  message: Message
  tool: OpenTool
  isInThread: boolean
  setTool: (tool: OpenTool) => void
}

/** Beside the message one points at, or whose menu is open. */
export function MessageTools({ message, tool, isInThread, setTool }: MessageToolsProps) {
  const { t } = useTranslation()
  const { reply, react, conversation } = useChat()
  return (
    <div className={classes.tools} role="toolbar" aria-label={t('chat.actions')} data-open={tool ?? undefined}>
      {recentEmoji()
        .slice(0, 3)
        .map((emoji) => (
          <button
            key={emoji}
            type="button"
            className={classes.quick}
            aria-label={t('chat.reactWith', { emoji })}
            onClick={() => react(message, emoji)}
          >
            <span aria-hidden="true">{emoji}</span>
          </button>
        ))}
      <Tool label={t('chat.react')} onClick={() => setTool('emoji')}>
        <IconMoodSmile size={19} stroke={1.75} aria-hidden />
      </Tool>
      {canWrite(conversation) && (
        <Tool label={t('chat.reply')} onClick={() => reply(message)}>
          <IconArrowBackUp size={19} stroke={1.75} aria-hidden />
        </Tool>
      )}
      <MessageMenu
        message={message}
        isInThread={isInThread}
        isOpen={tool === 'menu'}
        onOpen={() => setTool('menu')}
        onClose={() => setTool(null)}
        onMoreEmoji={() => setTool('emoji')}
      >
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t('chat.more')}>
          <IconDots size={19} stroke={1.75} aria-hidden />
        </ActionIcon>
      </MessageMenu>
      {tool === 'emoji' && (
        <Suspense>
          <EmojiPopover
            onClose={() => setTool(null)}
            onChoose={(emoji) => {
              setTool(null)
              react(message, emoji)
            }}
          />
        </Suspense>
      )}
    </div>
  )
}

interface ToolProps {
  label: string
  onClick: () => void
  children: React.ReactNode
}

const Tool = ({ label, onClick, children }: ToolProps) => (
  <ActionIcon variant="subtle" color="gray" size={32} aria-label={label} title={label} onClick={onClick}>
    {children}
  </ActionIcon>
)
