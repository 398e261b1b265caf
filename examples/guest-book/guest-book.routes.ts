import { holds, Id, type ModuleRoutes, Problem, Type } from '@atrium/server'
import { Entry, EntryList, ListQuery, NewEntry } from './guest-book.schema.ts'
import type { GuestBook } from './guest-book.service.ts'

const tags = ['guest book']
const Params = Type.Object({ id: Id })
const refusals = { 401: Problem, 403: Problem, 422: Problem }

export const guestBookRoutes =
  (book: GuestBook): ModuleRoutes =>
  async (app) => {
    app.get('/entries', {
      config: { access: { permission: 'guest_book:read' } },
      schema: {
        operationId: 'listGuestBookEntries',
        summary: 'The entries of the guest book, newest first',
        tags,
        querystring: ListQuery,
        response: { 200: EntryList, 400: Problem, ...refusals },
      },
      handler: ({ query }) => book.list(query),
    })

    app.post('/entries', {
      config: { access: { permission: 'guest_book:write' } },
      schema: {
        operationId: 'writeGuestBookEntry',
        summary: 'Write in the guest book',
        tags,
        body: NewEntry,
        response: { 201: Entry, 409: Problem, ...refusals },
      },
      handler: async ({ actor, body }, reply) => reply.code(201).send(await book.write(actor, body)),
    })

    app.delete('/entries/:id', {
      config: { access: { permission: 'guest_book:write' } },
      schema: {
        operationId: 'removeGuestBookEntry',
        summary: 'Remove an entry of one’s own, or of others with guest_book:remove',
        tags,
        params: Params,
        response: { 204: Type.Null(), 404: Problem, ...refusals },
      },
      handler: async ({ actor, params }, reply) => {
        await book.remove(actor, params.id, holds(actor, 'guest_book:remove'))
        return reply.code(204).send(null)
      },
    })
  }
