import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { platformErrors } from '../../platform/errors.ts'
import { isFromHere } from '../../platform/http/loopback.ts'
import { pagePolicy } from '../../platform/http/security-headers.ts'
import { authorizePage } from './authorize-page.ts'
import type { DevIssuer } from './dev-issuer.ts'
import { Approval, AuthorizationQuery } from './dev-oidc.schema.ts'

export interface DevOidcRoutesDependencies {
  issuer: DevIssuer
  /** Apps that a sign-in may end at: browsers let a form lead only where its page says. */
  allowedOrigins: readonly string[]
}

/** Under /dev/oidc, registered in development only and answered on this machine only. */
export const devOidcRoutes =
  ({ issuer, allowedOrigins }: DevOidcRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addHook('onRequest', async (request) => {
      if (!isFromHere(request, issuer.host)) throw platformErrors.not_found()
    })
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
      route.schema = { ...route.schema, hide: true }
    })
    // Token requests are forms (RFC 6749); nowhere else is one read.
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, String(body))
    })

    app.get('/dev/oidc/.well-known/openid-configuration', async () => issuer.metadata())
    app.get('/dev/oidc/jwks', async () => issuer.keySet())

    app.get('/dev/oidc/authorize', { schema: { querystring: AuthorizationQuery } }, async ({ query }, reply) => {
      issuer.assertRequest(query)
      const nonce = randomBytes(16).toString('base64')
      const policy = pagePolicy(nonce).replace(
        "form-action 'self'",
        ["form-action 'self'", ...allowedOrigins].join(' '),
      )
      return reply
        .headers({ 'content-security-policy': policy, 'cache-control': 'no-store' })
        .type('text/html; charset=utf-8')
        .send(authorizePage(query, nonce))
    })

    app.get('/dev/oidc/approve', { schema: { querystring: Approval } }, async ({ query }, reply) =>
      reply.header('cache-control', 'no-store').redirect(await issuer.approve(query), 302),
    )

    app.post('/dev/oidc/token', async ({ body }, reply) => {
      const answer = await issuer.token(new URLSearchParams(typeof body === 'string' ? body : ''))
      return reply.header('cache-control', 'no-store').code(answer.status).send(answer.body)
    })

    app.get('/dev/oidc/userinfo', async ({ headers }, reply) => {
      const person = await issuer.userInfo(headers.authorization)
      reply.header('cache-control', 'no-store')
      return person ?? reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'invalid_token' })
    })
  }
