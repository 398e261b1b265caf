import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { Problem } from '../../platform/http/schemas.ts'
import type { SessionDoorkeeper } from '../sessions/index.ts'
import { CurrentUser, LoginAnswer, ProfilePatch, Setup, User } from './accounts.schema.ts'
import type { AccountsService, SignedIn } from './accounts.service.ts'
import type { SetupService } from './setup.service.ts'

const tags = ['accounts']

export interface AccountRoutesDependencies {
  accounts: AccountsService
  setup: SetupService
  door: SessionDoorkeeper
}

export const accountRoutes =
  ({ accounts, setup, door }: AccountRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    /** Signs in and says so; a session the browser held before is not touched, its cookies are replaced. */
    const signIn = async (
      request: FastifyRequest,
      reply: FastifyReply,
      delivery: 'cookie' | 'body' | undefined,
      enter: (deviceToken: string | undefined) => Promise<SignedIn>,
    ) => {
      door.assertMayDeliver(request, delivery ?? 'cookie')
      const { user, issued } = await enter(door.deviceToken(request))
      return { ...door.deliver(reply, issued), user }
    }

    app.post('/setup', {
      config: { access: 'public' },
      schema: {
        operationId: 'setup',
        summary: 'Create the first administrator with the token the server printed at its first start',
        tags,
        body: Setup,
        response: { 201: LoginAnswer, 401: Problem, 404: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { body, client } = request
        const answer = await signIn(request, reply, body.token_delivery, (device) =>
          setup.complete(body, client, device),
        )
        reply.code(201)
        return answer
      },
    })

    app.get('/auth/current_user', {
      config: { access: 'optional', sessionOnly: true },
      schema: {
        operationId: 'getCurrentUser',
        summary: 'Who is signed in, if anyone; never 401',
        tags,
        response: { 200: CurrentUser },
      },
      handler: async ({ visitor }, reply) => {
        reply.header('cache-control', 'no-store')
        if (!visitor) return { authenticated: false, user: null }
        const by = await accounts.impersonatorOf(visitor)
        const user = await accounts.me(visitor)
        return { authenticated: true, user, ...(by === null ? {} : { impersonated_by: by }) }
      },
    })

    for (const path of ['/users/me', '/users/profile']) {
      const alias = path !== '/users/me' ? { hide: true } : {}
      app.get(path, {
        config: { access: { permission: 'account:read' }, whileMfaOwed: true, whileDeleting: true },
        schema: {
          ...named('getAccount', path),
          ...alias,
          summary: 'The account of the caller',
          tags,
          response: { 200: User, 401: Problem },
        },
        handler: async (request, reply) => sendAccount(request, reply, await accounts.me(request.actor)),
      })

      for (const method of ['PATCH', 'PUT'] as const) {
        app.route({
          method,
          url: path,
          config: { access: { permission: 'account:update' } },
          schema: {
            ...named(method === 'PATCH' ? 'updateAccount' : 'replaceAccount', path),
            ...alias,
            summary:
              method === 'PATCH' ? 'Change parts of the profile' : 'Replace the profile; what is missing becomes empty',
            tags,
            body: ProfilePatch,
            response: { 200: User, 401: Problem, 412: Problem, 422: Problem },
          },
          handler: async (request, reply) => {
            const patch = method === 'PATCH' ? request.body : { ...emptyProfile, ...request.body }
            return sendAccount(
              request,
              reply,
              await accounts.updateProfile(request.actor, patch, expectedVersion(request)),
            )
          },
        })
      }
    }
  }

/** Roles come and go, and grant more or less, without a new version of the account: its ETag tells all of it. */
const sendAccount = (request: FastifyRequest, reply: FastifyReply, user: User) =>
  sendVersioned(request, reply, user, user)

const emptyProfile = Object.fromEntries(Object.keys(ProfilePatch.properties).map((name) => [name, null]))

const named = (operationId: string, path: string) => ({
  operationId: path === '/users/me' ? operationId : `${operationId}Alias`,
})
