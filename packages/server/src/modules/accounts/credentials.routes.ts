import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { MessageAnswer, PasswordChange } from './accounts.schema.ts'
import { FirstPassword, PasswordReset } from './credentials.schema.ts'
import type { PasswordChangeService } from './password-change.service.ts'
import type { PasswordResetService } from './password-reset.service.ts'
import { EmailAddress } from './registration.schema.ts'

const tags = ['accounts']

export interface CredentialRoutesDependencies {
  passwordReset: PasswordResetService
  passwordChange: PasswordChangeService
}

export const credentialRoutes =
  ({ passwordReset, passwordChange }: CredentialRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/auth/password-reset', {
      config: { access: 'public' },
      schema: {
        operationId: 'requestPasswordReset',
        summary: 'Mail a link that sets a new password; the answer is the same for every address',
        tags,
        body: EmailAddress,
        response: { 202: MessageAnswer, 422: Problem, 429: Problem },
      },
      handler: async ({ body, client }, reply) => {
        await passwordReset.request(body.email, client)
        reply.code(202)
        return { message: 'If email exists, reset link sent' }
      },
    })

    app.post('/auth/password-reset/complete', {
      config: { access: 'public' },
      schema: {
        operationId: 'completePasswordReset',
        summary: 'Set a new password by the link or the code of the mail; all sessions end, and nobody is signed in',
        tags,
        body: PasswordReset,
        response: { 200: MessageAnswer, 400: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ body }) => {
        const { password, ...proof } = body
        await passwordReset.complete(proof, password)
        return { message: 'Password reset successful' }
      },
    })

    app.put('/users/me/password', {
      config: { access: 'user', recentAuth: true },
      schema: {
        operationId: 'changePassword',
        summary: 'Change the password; other sessions end',
        tags,
        body: PasswordChange,
        response: { 200: MessageAnswer, 401: Problem, 403: Problem, 422: Problem, 423: Problem },
      },
      handler: async ({ actor, body }) => {
        await passwordChange.change(actor, body)
        return { message: 'Password changed' }
      },
    })

    app.post('/users/me/password', {
      config: { access: 'user', recentAuth: true },
      schema: {
        operationId: 'setPassword',
        summary: 'Set the first password of an account that has none',
        tags,
        body: FirstPassword,
        response: { 200: MessageAnswer, 401: Problem, 403: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body }) => {
        await passwordChange.set(actor, body.new_password)
        return { message: 'Password set' }
      },
    })
  }
