import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import type { SessionDoorkeeper } from '../sessions/index.ts'
import { LoginAnswer, MessageAnswer, Registration } from './accounts.schema.ts'
import { Availability, AvailabilityCheck } from './availability.schema.ts'
import type { AvailabilityService } from './availability.service.ts'
import { EmailAddress, EmailVerification, VerificationRequired } from './registration.schema.ts'
import type { RegistrationService } from './registration.service.ts'
import type { VerificationService } from './verification.service.ts'

const tags = ['accounts']

export interface RegistrationRoutesDependencies {
  registration: RegistrationService
  verification: VerificationService
  availability: AvailabilityService
  door: SessionDoorkeeper
}

export const registrationRoutes =
  ({ registration, verification, availability, door }: RegistrationRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/auth/register', {
      config: { access: 'public' },
      schema: {
        operationId: 'register',
        summary: 'Create an account; it is signed in at once, or after its address was proved',
        tags,
        body: Registration,
        response: { 201: LoginAnswer, 202: VerificationRequired, 409: Problem, 422: Problem, 429: Problem },
      },
      handler: async (request, reply) => {
        const { body, client } = request
        door.assertMayDeliver(request, body.token_delivery ?? 'cookie')
        const registered = await registration.register(body, client, {
          browser: door.registrationToken(request),
          deviceToken: door.deviceToken(request),
        })
        if (registered.status === 'verification_required') {
          const { status, browser, expiresIn } = registered
          door.setRegistrationToken(reply, browser, expiresIn)
          return reply.code(202).header('cache-control', 'no-store').send({ status, expires_in: expiresIn })
        }
        const answer = { ...door.deliver(reply, registered.issued), user: registered.user }
        reply.code(201).header('location', '/api/v1/users/me')
        return { ...answer, verification: { required: false } }
      },
    })

    app.post('/auth/check', {
      config: { access: 'public' },
      schema: {
        operationId: 'checkAvailability',
        summary: 'Whether a name or an address follows the rules and is free',
        tags,
        body: AvailabilityCheck,
        response: { 200: Availability, 422: Problem, 429: Problem },
      },
      handler: async ({ body, client }) => availability.check(body, client),
    })

    app.post('/auth/verify-email', {
      config: { access: 'optional', sessionOnly: true },
      schema: {
        operationId: 'verifyEmail',
        summary: 'Prove an address by the link or the code that was mailed to it',
        description:
          'Works in the browser that registered, in a session of the account, or with its password. Without any of them: 400 link_invalid with password_required, and the link is not used up.',
        tags,
        body: EmailVerification,
        response: { 200: MessageAnswer, 400: Problem, 401: Problem, 403: Problem, 422: Problem, 429: Problem },
      },
      handler: async (request) => {
        const { password, ...proof } = request.body
        const userId = request.visitor?.impersonatorId === null ? request.visitor.userId : undefined
        await verification.verify(proof, { userId, password, browser: door.registrationToken(request) })
        return { message: 'Email verified!' }
      },
    })

    app.post('/auth/resend-verification', {
      config: { access: 'public' },
      schema: {
        operationId: 'resendVerification',
        summary: 'Mail the link that proves an address again; the answer is the same for every address',
        tags,
        body: EmailAddress,
        response: { 202: MessageAnswer, 422: Problem, 429: Problem },
      },
      handler: async ({ body, client }, reply) => {
        await verification.resend(body.email, client)
        reply.code(202)
        return { message: 'If this address waits to be confirmed, a mail is on its way' }
      },
    })
  }
