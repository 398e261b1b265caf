import type { AppendedEvent } from '../../platform/events/streams.ts'
import { command, type SocketModule } from '../../platform/realtime/socket-module.ts'
import {
  conversationCreated,
  conversationMember,
  conversationRemoved,
  conversationStream,
} from './conversation.schema.ts'
import { DeleteMessage, EditMessage, ReactToMessage, ReadMessage, SendMessage } from './message.schema.ts'
import { assertExactlyOne } from './messaging.errors.ts'
import type { Messaging } from './messaging.service.ts'

const reads = { permission: 'messages:read' } as const
const writes = { permission: 'messages:send' } as const
const endings = ['left', 'removed', 'banned']

export const messagingSocket = ({ conversations, messages, editing, marks, reading }: Messaging): SocketModule => ({
  commands: [
    command<SendMessage>('message.send', writes, SendMessage, async (actor, input) => {
      const { conversation_id, to_username, ...message } = input
      assertExactlyOne({ conversation_id, to_username })
      const open = () => conversations.open(actor, { kind: 'direct', username: to_username ?? '' })
      return messages.send(actor, conversation_id ?? (await open()).conversation.id, message)
    }),
    command<EditMessage>('message.edit', writes, EditMessage, (actor, { message_id, text }) =>
      editing.edit(actor, message_id, text),
    ),
    command<DeleteMessage>('message.delete', writes, DeleteMessage, async (actor, input) => {
      await editing.delete(actor, input.message_id, input.for ?? 'everyone')
      return {}
    }),
    command<ReactToMessage>('message.react', writes, ReactToMessage, async (actor, { message_id, emoji, on }) => ({
      reactions: await marks.react(actor, message_id, emoji, on),
    })),
    command<ReadMessage>('message.read', reads, ReadMessage, (actor, { conversation_id, seq }) =>
      reading.markRead(actor, conversation_id, seq),
    ),
    command<ReadMessage>('message.delivered', reads, ReadMessage, (actor, { conversation_id, seq }) =>
      reading.markDelivered(actor, conversation_id, seq),
    ),
  ],
  opens: {
    [conversationCreated.type]: ({ refs }: AppendedEvent) => ({
      stream: conversationStream(String(refs.conversation_id)),
      from: Number(refs.from ?? 0),
    }),
  },
  closes: {
    [conversationMember.type]: ({ refs }: AppendedEvent) =>
      endings.includes(String(refs.action)) ? [String(refs.user_id)] : [],
    // In the conversation's own stream: it is gone for all. In a person's stream it follows the event above.
    [conversationRemoved.type]: ({ stream }: AppendedEvent) => (stream.startsWith('conversation:') ? 'everyone' : []),
  },
})
