import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../../platform/http/schemas.ts'
import type { SessionDoorkeeper } from '../sessions/index.ts'
import type { FactorEnrolment } from './factor-enrolment.service.ts'
import {
  MfaStatus,
  Nothing,
  RecoveryCodes,
  TotpConfirmation,
  TotpConfirmed,
  TotpEnrolment,
} from './two-factor.schema.ts'

const tags = ['second factors']
/** Whoever owes a second factor comes here to add one. */
const enrolling = { access: 'user', recentAuth: true, whileMfaOwed: true } as const

export const twoFactorRoutes =
  ({
    factorEnrolment,
    door,
  }: {
    factorEnrolment: FactorEnrolment
    door: SessionDoorkeeper
  }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/users/me/mfa', {
      config: { access: 'user', whileMfaOwed: true },
      schema: {
        operationId: 'getMfaStatus',
        summary: 'Which second factors the account has',
        tags,
        response: { 200: MfaStatus, 401: Problem },
      },
      handler: async ({ actor }) => factorEnrolment.status(actor),
    })

    app.post('/users/me/mfa/totp', {
      config: enrolling,
      schema: {
        operationId: 'startTotp',
        summary: 'Begin to set up an authenticator app; counts for nothing until it is confirmed',
        tags,
        body: Nothing,
        response: { 200: TotpEnrolment, 401: Problem, 403: Problem, 409: Problem },
      },
      handler: async ({ actor }) => factorEnrolment.startTotp(actor),
    })

    app.post('/users/me/mfa/totp/confirm', {
      config: enrolling,
      schema: {
        operationId: 'confirmTotp',
        summary: 'Confirm the app with a code of it; other sessions end, this one is raised and has a new pair',
        tags,
        body: TotpConfirmation,
        response: { 200: TotpConfirmed, 401: Problem, 403: Problem, 409: Problem, 429: Problem },
      },
      handler: async ({ actor, body, client }, reply) => {
        const { issued, codes } = await factorEnrolment.confirmTotp(actor, body.code, client)
        return { ...door.deliver(reply, issued), recovery_codes: codes }
      },
    })

    app.delete('/users/me/mfa/totp', {
      config: { access: 'user', recentAuth: true },
      schema: {
        operationId: 'removeTotp',
        summary: 'Remove the authenticator app; other sessions end',
        tags,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor }, reply) => {
        await factorEnrolment.removeTotp(actor)
        return reply.code(204).send(null)
      },
    })

    app.post('/users/me/mfa/recovery-codes', {
      config: { access: 'user', recentAuth: true },
      schema: {
        operationId: 'renewRecoveryCodes',
        summary: 'Ten new recovery codes; those from before no longer work',
        tags,
        body: Nothing,
        response: { 200: RecoveryCodes, 401: Problem, 403: Problem, 409: Problem },
      },
      handler: async ({ actor }, reply) => {
        reply.header('cache-control', 'no-store')
        return { recovery_codes: await factorEnrolment.renewRecoveryCodes(actor) }
      },
    })
  }
