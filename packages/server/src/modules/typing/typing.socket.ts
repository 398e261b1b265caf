import { Type } from 'typebox'
import { platformErrors } from '../../platform/errors.ts'
import { Id, strict } from '../../platform/http/schemas.ts'
import { type CommandSocket, command, type SocketModule } from '../../platform/realtime/socket-module.ts'
import type { TypingService } from './typing.service.ts'

const Place = Type.Object({ conversation_id: Id }, { ...strict, title: 'ConversationPlace' })
type Place = { conversation_id: string }

/** Throws not_found for a conversation that does not exist, or is not theirs. */
function assertMember(socket: CommandSocket, { conversation_id }: Place): void {
  if (socket.hears(`conversation:${conversation_id}`)) return
  throw platformErrors.not_found({ detail: 'There is no such conversation' })
}

export const typingSocket = (typing: TypingService): SocketModule => ({
  commands: [
    command<Place>('typing.start', { permission: 'messages:send' }, Place, async ({ userId }, place, socket) => {
      assertMember(socket, place)
      await typing.start(userId, place.conversation_id)
      return {}
    }),
    command<Place>('typing.stop', { permission: 'messages:send' }, Place, async ({ userId }, place, socket) => {
      assertMember(socket, place)
      typing.stop(userId, place.conversation_id)
      return {}
    }),
    // For clients that say what they show. Everything of a conversation is told to all its members anyway.
    command<Place>('conversation.open', { permission: 'messages:read' }, Place, async (_actor, place, socket) => {
      assertMember(socket, place)
      return {}
    }),
    command<Place>('conversation.close', { permission: 'messages:read' }, Place, async ({ userId }, place, socket) => {
      assertMember(socket, place)
      typing.stop(userId, place.conversation_id)
      return {}
    }),
  ],
})
