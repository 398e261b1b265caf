import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf } from '../../platform/http/schemas.ts'
import type { SessionDoorkeeper } from '../sessions/index.ts'
import type { PasskeyEnrolment } from './passkey-enrolment.service.ts'
import { NewPasskey, Passkey, PasskeyAdded, PasskeyCreationOptions, PasskeyPatch } from './passkeys.schema.ts'
import { Nothing } from './two-factor.schema.ts'

const tags = ['second factors']
const params = Type.Object({ passkey_id: Id })
/** Whoever owes a second factor comes here to add one. */
const enrolling = { access: 'user', recentAuth: true, whileMfaOwed: true } as const

export const passkeyRoutes =
  ({
    passkeyEnrolment,
    door,
  }: {
    passkeyEnrolment: PasskeyEnrolment
    door: SessionDoorkeeper
  }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/users/me/passkeys/options', {
      config: enrolling,
      schema: {
        operationId: 'getPasskeyCreationOptions',
        summary: 'What navigator.credentials.create needs to make a passkey; good for 5 minutes and one try',
        tags,
        body: Nothing,
        response: { 200: PasskeyCreationOptions, 401: Problem, 403: Problem, 409: Problem },
      },
      handler: async ({ actor }) => passkeyEnrolment.creationOptions(actor),
    })

    app.post('/users/me/passkeys', {
      config: enrolling,
      schema: {
        operationId: 'addPasskey',
        summary: 'Keep the passkey that was made; this session is raised and has a new pair',
        tags,
        body: NewPasskey,
        response: { 201: PasskeyAdded, 401: Problem, 403: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body, client }, reply) => {
        const { passkey, issued, codes } = await passkeyEnrolment.add(actor, body, client)
        reply.code(201).header('location', `/api/v1/users/me/passkeys/${passkey.id}`)
        return { ...passkey, ...door.deliver(reply, issued), ...(codes ? { recovery_codes: codes } : {}) }
      },
    })

    app.get('/users/me/passkeys', {
      config: { access: 'user', whileMfaOwed: true },
      schema: {
        operationId: 'listPasskeys',
        summary: 'The passkeys of the caller',
        tags,
        response: { 200: pageOf(Passkey, 'PasskeyList'), 401: Problem },
      },
      handler: async ({ actor }) => {
        const data = await passkeyEnrolment.list(actor)
        return { data, page: { limit: data.length, next_cursor: null, prev_cursor: null, has_more: false } }
      },
    })

    app.get('/users/me/passkeys/:passkey_id', {
      config: { access: 'user' },
      schema: {
        operationId: 'getPasskey',
        summary: 'One passkey of the caller',
        tags,
        params,
        response: { 200: Passkey, 404: Problem },
      },
      handler: async ({ actor, params: { passkey_id } }) => passkeyEnrolment.get(actor, passkey_id),
    })

    app.patch('/users/me/passkeys/:passkey_id', {
      config: { access: 'user' },
      schema: {
        operationId: 'renamePasskey',
        summary: 'Give a passkey another name',
        tags,
        params,
        body: PasskeyPatch,
        response: { 200: Passkey, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params: { passkey_id }, body }) => passkeyEnrolment.rename(actor, passkey_id, body.name),
    })

    app.delete('/users/me/passkeys/:passkey_id', {
      config: { access: 'user', recentAuth: true },
      schema: {
        operationId: 'removePasskey',
        summary: 'Remove a passkey; other sessions end when it was the last second factor',
        tags,
        params,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params: { passkey_id } }, reply) => {
        await passkeyEnrolment.remove(actor, passkey_id)
        return reply.code(204).send(null)
      },
    })
  }
