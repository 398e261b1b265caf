import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import type { MailAdministration } from './mail-administration.service.ts'
import { Mail, MailList, MailQuery } from './mails.schema.ts'

const tags = ['mails']

export const mailRoutes =
  (administration: MailAdministration): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/emails', {
      config: { access: { permission: 'mails:read' } },
      schema: {
        operationId: 'listMails',
        summary: 'The outbox, newest first: what was sent to whom and what failed, never what it says',
        tags,
        querystring: MailQuery,
        response: { 200: MailList, 400: Problem, 401: Problem, 403: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => administration.list(actor, query),
    })

    app.post('/admin/emails/:id/retry', {
      config: { access: { permission: 'mails:retry' }, idempotency: 'kept' },
      schema: {
        operationId: 'retryMail',
        summary: 'Send a dead letter again',
        tags,
        params: Type.Object({ id: Id }),
        response: { 200: Mail, 401: Problem, 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ params }) => administration.retry(params.id),
    })
  }
