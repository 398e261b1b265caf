import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { conversationRoutes } from './conversation.routes.ts'
import { inviteRoutes } from './invite.routes.ts'
import { markRoutes } from './mark.routes.ts'
import { memberRoutes } from './member.routes.ts'
import { messageRoutes } from './message.routes.ts'
import type { Messaging } from './messaging.service.ts'
import { pictureRoutes } from './picture.routes.ts'

/** Every route of the room. */
export const messagingRoutes =
  (messaging: Messaging): FastifyPluginAsyncTypebox =>
  async (app) => {
    for (const routes of [conversationRoutes, memberRoutes, inviteRoutes, messageRoutes, markRoutes, pictureRoutes]) {
      await app.register(routes(messaging))
    }
  }
