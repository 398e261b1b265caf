import { command, type SocketModule } from '../../platform/realtime/socket-module.ts'
import { assertExactlyOne } from './messaging.errors.ts'
import { conversationCreated, conversationStream, ReadMessage, SendMessage } from './messaging.schema.ts'
import type { MessagingService } from './messaging.service.ts'

export const messagingSocket = (messaging: MessagingService): SocketModule => ({
  commands: [
    command<SendMessage>(
      'message.send',
      { permission: 'messages:send' },
      SendMessage,
      async (actor, { conversation_id, to_username, ...message }) => {
        assertExactlyOne({ conversation_id, to_username })
        const id =
          conversation_id ??
          (await messaging.open(actor, { kind: 'direct', username: to_username ?? '' })).conversation.id
        return messaging.send(actor, id, message)
      },
    ),
    command<ReadMessage>(
      'message.read',
      { permission: 'messages:read' },
      ReadMessage,
      (actor, { conversation_id, seq }) => messaging.markRead(actor, conversation_id, seq),
    ),
  ],
  opens: {
    [conversationCreated.type]: ({ refs }) => ({
      stream: conversationStream(String(refs.conversation_id)),
      from: Number(refs.from ?? 0),
    }),
  },
})
