import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { accessErrors } from '../../platform/policy.ts'
import { LoginAnswer, MessageAnswer, VerificationRequired } from '../accounts/index.ts'
import { type SessionDoorkeeper, TokenAnswer } from '../sessions/index.ts'
import type { EmailSignIn } from './email-sign-in.ts'
import type { PasskeysDoor } from './factors.ts'
import type { GuestService } from './guest.service.ts'
import type { PasswordSignIn } from './password-sign-in.ts'
import type { Reauthenticator } from './reauthentication.ts'
import type { SecondStep } from './second-step.ts'
import { signInErrors } from './sign-in.errors.ts'
import {
  EmailSignInProof,
  EmailSignInRequest,
  GuestEntry,
  GuestUpgrade,
  Login,
  MfaRequired,
  MfaVerification,
  PasskeyOptionsRequest,
  PasskeySignIn,
  Reauthentication,
  UnlockRequest,
} from './sign-in.schema.ts'
import type { SignInResult, SignInService } from './sign-in.service.ts'

const tags = ['sign-in']
export const SignInAnswer = Type.Union([LoginAnswer, MfaRequired])
const problems = { 401: Problem, 403: Problem, 422: Problem, 423: Problem, 429: Problem }

export interface SignInRoutesDependencies {
  door: SessionDoorkeeper
  signIn: SignInService
  passwordSignIn: PasswordSignIn
  secondStep: SecondStep
  reauthenticator: Reauthenticator
  emailSignIn: EmailSignIn
  passkeys: PasskeysDoor
  guests: GuestService
}

/** What a finished, or half finished, sign-in answers; a session the browser held before is replaced, never merged. */
export function answerSignIn(door: SessionDoorkeeper, reply: FastifyReply, result: SignInResult) {
  if (result.status === 'complete') return { ...door.deliver(reply, result.issued), user: result.user }
  reply.header('cache-control', 'no-store')
  return result
}

export const signInRoutes =
  (deps: SignInRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { door, signIn, passwordSignIn, secondStep, reauthenticator, emailSignIn, passkeys, guests } = deps
    const answer = async (
      request: FastifyRequest,
      reply: FastifyReply,
      delivery: 'cookie' | 'body' | undefined,
      enter: (deviceToken: string | undefined) => Promise<SignInResult>,
    ) => {
      door.assertMayDeliver(request, delivery ?? 'cookie')
      return answerSignIn(door, reply, await enter(door.deviceToken(request)))
    }

    app.post('/auth/login', {
      config: { access: 'public', strictLimit: { name: 'sign-in', limit: 5, windowSeconds: 60 } },
      schema: {
        operationId: 'login',
        summary: 'Sign in with a name or an e-mail address and the password',
        tags,
        body: Login,
        response: { 200: SignInAnswer, ...problems, 503: Problem },
      },
      handler: async (request, reply) =>
        answer(request, reply, request.body.token_delivery, (device) =>
          passwordSignIn.login(request.body, request.client, device),
        ),
    })

    app.post('/auth/mfa/verify', {
      config: { access: 'public' },
      schema: {
        operationId: 'verifyMfa',
        summary: 'The second step of signing in',
        tags,
        body: MfaVerification,
        response: { 200: LoginAnswer, ...problems },
      },
      handler: async (request, reply) => {
        const result = await secondStep.verify(request.body, request.client, door.deviceToken(request))
        return { ...door.deliver(reply, result.issued), user: result.user }
      },
    })

    app.post('/auth/passkey/options', {
      config: { access: 'optional', sessionOnly: true },
      schema: {
        operationId: 'passkeyOptions',
        summary: 'What navigator.credentials.get needs: to sign in, as the second step, or to confirm who you are',
        tags,
        body: PasskeyOptionsRequest,
        response: { 200: Type.Unknown({ description: 'PublicKeyCredentialRequestOptionsJSON' }), ...problems },
      },
      handler: async ({ body, visitor }, reply) => {
        reply.header('cache-control', 'no-store')
        if (body.mfa_token !== undefined) return secondStep.passkeyOptions(body.mfa_token)
        if (body.purpose === undefined) return passkeys.requestOptions('sign_in')
        if (!visitor) throw accessErrors.authentication_required()
        return passkeys.requestOptions('reauthenticate', visitor.userId)
      },
    })

    app.post('/auth/passkey/verify', {
      config: { access: 'public' },
      schema: {
        operationId: 'signInWithPasskey',
        summary: 'Sign in with a passkey',
        tags,
        body: PasskeySignIn,
        response: { 200: SignInAnswer, ...problems },
      },
      handler: async (request, reply) => {
        const { assertion, ...options } = request.body
        return answer(request, reply, options.token_delivery, async (deviceToken) => {
          const proved = await passkeys.verify('sign_in', assertion)
          if (!proved) throw signInErrors.passkey_invalid()
          const { userId, userVerified } = proved
          const aal = userVerified ? 2 : 1
          return signIn.complete({ userId, method: 'passkey', aal, client: request.client, options, deviceToken })
        })
      },
    })

    app.post('/auth/reauthenticate', {
      config: { access: 'user', whileMfaOwed: true, whileDeleting: true },
      schema: {
        operationId: 'reauthenticate',
        summary: 'Prove again who you are; opens the routes that need a recent proof for 10 minutes',
        tags,
        body: Reauthentication,
        response: { 200: TokenAnswer, 401: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, body, client }, reply) =>
        door.deliver(reply, await reauthenticator.reauthenticate(actor, body, client)),
    })

    app.post('/auth/reauthenticate/code', {
      config: { access: 'user', whileMfaOwed: true, whileDeleting: true },
      schema: {
        operationId: 'mailReauthenticationCode',
        summary: 'Mail a code that /auth/reauthenticate takes, for accounts without a password',
        tags,
        response: { 202: MessageAnswer, 401: Problem, 429: Problem },
      },
      handler: async ({ actor }, reply) => {
        await reauthenticator.mailCode(actor)
        return reply.code(202).send({ message: 'If the address is confirmed, a code was sent' })
      },
    })

    app.post('/auth/email-otp', {
      config: { access: 'public' },
      schema: {
        operationId: 'requestEmailSignIn',
        summary: 'Mail a link and a code to sign in with; the answer is the same for every address',
        tags,
        body: EmailSignInRequest,
        response: { 202: MessageAnswer, 422: Problem, 429: Problem },
      },
      handler: async ({ body, client }, reply) => {
        await emailSignIn.request(body.email, client)
        return reply.code(202).send({ message: 'If the address has an account, a mail was sent' })
      },
    })

    app.post('/auth/email-otp/verify', {
      config: { access: 'public' },
      schema: {
        operationId: 'signInByEmail',
        summary: 'Sign in with the link or the code of the mail',
        tags,
        body: EmailSignInProof,
        response: { 200: SignInAnswer, 400: Problem, ...problems },
      },
      handler: async (request, reply) =>
        answer(request, reply, request.body.token_delivery, (device) =>
          emailSignIn.verify(request.body, request.client, device),
        ),
    })

    app.post('/auth/guest', {
      config: { access: 'public' },
      schema: {
        operationId: 'enterAsGuest',
        summary: 'Look around without a name and a password',
        tags,
        body: GuestEntry,
        response: { 200: SignInAnswer, ...problems },
      },
      handler: async (request, reply) =>
        answer(request, reply, request.body.token_delivery, (device) =>
          guests.enter(request.body, request.client, device),
        ),
    })

    app.post('/auth/guest/upgrade', {
      config: { access: 'user' },
      schema: {
        operationId: 'upgradeGuest',
        summary: 'Turn a guest into an account with a name and a password; its data stays',
        tags,
        body: GuestUpgrade,
        description:
          'Where addresses must be proved the answer is 202, also where the address is taken: the guest stays one until `POST /api/v1/auth/verify-email`, which ends its sessions. Calling it again changes what was asked for and mails again.',
        response: {
          200: SignInAnswer,
          202: VerificationRequired,
          401: Problem,
          409: Problem,
          422: Problem,
          429: Problem,
        },
      },
      handler: async (request, reply) => {
        const result = await guests.upgrade(request.actor, request.body, request.client, door.deviceToken(request))
        if (result.status !== 'verification_required') return answerSignIn(door, reply, result)
        return reply.code(202).header('cache-control', 'no-store').send(result)
      },
    })

    app.post('/auth/unlock', {
      config: { access: 'public' },
      schema: {
        operationId: 'unlockAccount',
        summary: 'Lift a lock with the link of the mail',
        tags,
        body: UnlockRequest,
        response: { 200: MessageAnswer, 400: Problem, 429: Problem },
      },
      handler: async ({ body }) => {
        await passwordSignIn.unlock(body.token)
        return { message: 'You can sign in again' }
      },
    })
  }
