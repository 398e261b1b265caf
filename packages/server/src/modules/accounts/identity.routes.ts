import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { MessageAnswer, User } from './accounts.schema.ts'
import type { EmailChangeService } from './email-change.service.ts'
import { EmailChange, EmailChangeRequested, EmailConfirmation, UsernameChange } from './identity.schema.ts'
import type { UsernameChangeService } from './username-change.service.ts'

const tags = ['accounts']
const config = { access: 'user', recentAuth: true } as const
const problems = { 401: Problem, 403: Problem, 409: Problem, 422: Problem, 429: Problem }

export interface IdentityRoutesDependencies {
  usernameChange: UsernameChangeService
  emailChange: EmailChangeService
}

/** Name and address of the caller. */
export const identityRoutes =
  ({ usernameChange, emailChange }: IdentityRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.put('/users/me/username', {
      config,
      schema: {
        operationId: 'changeUsername',
        summary: 'Take another name; the former one stays out of reach of others for a day',
        tags,
        body: UsernameChange,
        response: { 200: User, ...problems },
      },
      handler: async ({ actor, body }) => usernameChange.change(actor, body.username, body.password),
    })

    app.post('/users/me/email', {
      config,
      schema: {
        operationId: 'requestEmailChange',
        summary: 'Ask for another address; a mail to it carries the link and the code that confirm it',
        tags,
        body: EmailChange,
        response: { 202: EmailChangeRequested, ...problems },
      },
      handler: async ({ actor, body }, reply) => {
        const requested = await emailChange.request(actor, body.new_email, body.password)
        return reply.code(202).send(requested)
      },
    })

    app.post('/users/me/email/confirm', {
      config,
      schema: {
        operationId: 'confirmEmailChange',
        summary: 'Confirm the new address by the link or the code of the mail; other sessions end',
        tags,
        body: EmailConfirmation,
        response: { 200: User, 400: Problem, ...problems },
      },
      handler: async ({ actor, body }) => emailChange.confirm(actor, body),
    })

    app.post('/users/me/email/resend', {
      config,
      schema: {
        operationId: 'resendEmailChange',
        summary: 'Mail the link and the code to the new address again',
        tags,
        response: { 202: MessageAnswer, ...problems },
      },
      handler: async ({ actor }, reply) => {
        await emailChange.resend(actor)
        reply.code(202)
        return { message: 'A new mail is on its way; the one before no longer works' }
      },
    })

    app.delete('/users/me/email', {
      config,
      schema: {
        operationId: 'cancelEmailChange',
        summary: 'Keep the address; the link of the mail no longer works',
        tags,
        response: { 204: Type.Null(), 401: Problem, 403: Problem },
      },
      handler: async ({ actor }, reply) => {
        await emailChange.cancel(actor)
        return reply.code(204).send(null)
      },
    })
  }
