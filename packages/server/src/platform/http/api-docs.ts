import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import swaggerUi from '@fastify/swagger-ui'
import type { Actor } from '../actor.ts'
import type { HttpServer } from './server.ts'

/** Adds to the document what only this caller may know of. */
export type CompleteDocument = (document: object, actor: Actor | null) => Promise<object>

/** The document, Swagger UI and ReDoc; every byte of them comes from this server. */
export async function serveApiDocs(app: HttpServer, complete: CompleteDocument): Promise<void> {
  app.get(
    '/openapi.json',
    { config: { access: 'optional', renewal: false }, schema: { hide: true } },
    async ({ visitor }, reply) => {
      // It depends on the caller, and no cache may give one the document of another.
      reply.type('application/json').header('vary', 'Cookie, Authorization, X-API-Key')
      return reply.send(JSON.stringify(await complete(app.swagger(), visitor)))
    },
  )

  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
    })
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { url: '/openapi.json', withCredentials: true, requestInterceptor: addCsrfToken as never },
      logo: { type: 'image/svg+xml', content: Buffer.from(logo), href: '/' },
      staticCSP: docsPolicy("'self'"),
      theme: { title: 'Atrium API' },
    })
  })

  const bundle = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js')
  let script: Buffer | undefined
  app.get('/redoc/redoc.js', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    script ??= readFileSync(bundle)
    return reply.type('text/javascript').header('cache-control', 'public, max-age=86400').send(script)
  })
  app.get('/redoc', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html').header('content-security-policy', docsPolicy("'self' blob:")).send(redocPage),
  )
}

interface PageRequest {
  method: string
  url: string
  headers: Record<string, string>
}

/** Runs in the reader's page: "try it out" calls the API as any client does. */
const addCsrfToken = async (request: PageRequest): Promise<PageRequest> => {
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(request.method)) return request
  const answer = await fetch('/api/v1/auth/csrf')
  if (!answer.ok) return request
  const tokens = (await answer.json()) as Record<string, string>
  const name = request.url.endsWith('/auth/refresh') ? 'csrf_refresh_token' : 'csrf_access_token'
  request.headers['X-CSRF-TOKEN'] = tokens[name] ?? ''
  return request
}

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0c7565"/>
<path d="M7.5 25V15.5a8.5 8.5 0 0 1 17 0V25" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>
<path d="M12.4 25v-9.2a3.6 3.6 0 0 1 7.2 0V25z" fill="#fff"/></svg>`

/** Both viewers write style elements of their own; they hold no one's session data. */
const docsPolicy = (workers: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    `worker-src ${workers}`,
    `child-src ${workers}`,
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const redocPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Atrium API</title>
  </head>
  <body>
    <redoc spec-url="/openapi.json"></redoc>
    <script src="/redoc/redoc.js"></script>
  </body>
</html>
`
