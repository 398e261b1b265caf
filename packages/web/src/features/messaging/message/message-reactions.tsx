import type { Message, Reaction } from '@atrium/client'
import { useChat } from '../chat-actions.ts'
import classes from './message-row.module.css'
import { useReactions } from './pending-reactions.ts'

export function MessageReactions({ message }: { message: Message }) {
  const { t } = useChat()
  const reactions = useReactions(message)
  if (reactions.length === 0) return null
  return (
    <ul className={classes.reactions} aria-label={t('chat.reactions')}>
      {reactions.map((reaction) => (
        <li key={reaction.emoji}>
          <ReactionButton message={message} reaction={reaction} />
        </li>
      ))}
    </ul>
  )
}

function ReactionButton({ message, reaction: { emoji, count, mine } }: { message: Message; reaction: Reaction }) {
  const { t, react } = useChat()
  return (
    <button
      type="button"
      className={classes.reaction}
      aria-pressed={mine ?? false}
      aria-label={t('chat.reactionOf', { emoji, count })}
      onClick={() => react(message, emoji)}
    >
      <span aria-hidden="true">{emoji}</span>
      <span aria-hidden="true">{count}</span>
    </button>
  )
}
