import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { platformErrors } from '../../platform/errors.ts'
import { isLoopback } from '../../platform/http/loopback.ts'
import type { Mailbox } from './mailbox.service.ts'
import { mailboxPage, mailboxPolicy } from './mailbox-page.ts'

export interface MailboxRoutesDependencies {
  mailbox: Mailbox
  /** Only a development server that keeps its mails shows them. */
  isOpen: boolean
  publicHost: string
}

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/** `/dev/mailbox`: links that open accounts, so it is there for this machine alone and for everyone else it is not. */
export const mailboxRoutes =
  ({ mailbox, isOpen, publicHost }: MailboxRoutesDependencies): FastifyPluginAsync =>
  async (app) => {
    const assertHere = ({ socket, headers }: FastifyRequest) => {
      const isForwarded = forwarding.some((name) => headers[name] !== undefined)
      // A page whose name was turned to this address afterwards (DNS rebinding) still says its own name.
      const host = headers.host ?? ''
      const isOurName = host === publicHost || isLoopback(host.replace(/:\d+$/, ''))
      if (!isOpen || isForwarded || !isOurName || !isLoopback(socket.remoteAddress ?? '')) {
        throw platformErrors.not_found()
      }
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
