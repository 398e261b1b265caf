import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, strict, Time } from '../../platform/http/schemas.ts'
import { Password, User } from './accounts.schema.ts'
import type { DeletionService } from './deletion.service.ts'

const tags = ['accounts']

const AccountDeletion = Type.Object(
  {
    password: Type.Optional({ ...Password, description: 'Needed where the account has one.' }),
    confirm: Type.Literal('DELETE'),
  },
  { ...strict, title: 'AccountDeletion' },
)
const DeletionRequested = Type.Object({ erase_at: Time }, { title: 'DeletionRequested' })

export interface DeletionRoutesDependencies {
  deletion: DeletionService
}

export const deletionRoutes =
  ({ deletion }: DeletionRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.delete('/users/me', {
      config: { access: 'user', recentAuth: true },
      schema: {
        operationId: 'deleteAccount',
        summary: 'Ask for the account to be erased; until then it can be restored',
        tags,
        body: AccountDeletion,
        response: { 202: DeletionRequested, 401: Problem, 403: Problem, 409: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, body }, reply) => reply.code(202).send(await deletion.request(actor, body.password)),
    })

    app.post('/users/me/restore', {
      config: { access: 'user', whileDeleting: true, whileMfaOwed: true },
      schema: {
        operationId: 'restoreAccount',
        summary: 'Keep an account that waits to be erased',
        tags,
        response: { 200: User, 401: Problem, 403: Problem, 409: Problem },
      },
      handler: async ({ actor }) => deletion.restore(actor),
    })
  }
