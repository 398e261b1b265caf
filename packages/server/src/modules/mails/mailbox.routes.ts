import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { platformErrors } from '../../platform/errors.ts'
import { isFromHere } from '../../platform/http/loopback.ts'
import type { Mailbox } from './mailbox.service.ts'
import { mailboxPage, mailboxPolicy } from './mailbox-page.ts'

export interface MailboxRoutesDependencies {
  mailbox: Mailbox
  /** Only a development server that keeps its mails shows them. */
  isOpen: boolean
  publicHost: string
}

/** `/dev/mailbox`: links that open accounts, so it is there for this machine alone and for everyone else it is not. */
export const mailboxRoutes =
  ({ mailbox, isOpen, publicHost }: MailboxRoutesDependencies): FastifyPluginAsync =>
  async (app) => {
    const assertHere = (request: FastifyRequest) => {
      if (!isOpen || !isFromHere(request, publicHost)) throw platformErrors.not_found()
    }

    app.get('/dev/mailbox', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
      assertHere(request)
      const mails = await mailbox.list()
      reply.header('cache-control', 'no-store').header('vary', 'accept')
      if (request.headers.accept?.includes('application/json')) {
        return {
          data: mails.map(({ id, to, subject, text, html, links, created_at }) => ({
            id,
            to,
            subject,
            text,
            html,
            links,
            created_at,
          })),
        }
      }
      const nonce = randomBytes(16).toString('base64')
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', mailboxPolicy(nonce))
        .send(mailboxPage(mails, nonce))
    })

    app.delete('/dev/mailbox', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
      assertHere(request)
      await mailbox.clear()
      return reply.status(204).send()
    })
  }
