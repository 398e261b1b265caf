import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Actor } from '../actor.ts'
import type { HttpServer } from './server.ts'
import { swaggerUi } from './swagger-ui.ts'

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

  serveSwaggerUi(app)

  let script: Buffer | undefined
  app.get('/redoc/redoc.js', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    script ??= readFileSync(redocFile())
    return reply.type('text/javascript').header('cache-control', 'public, max-age=86400').send(script)
  })
  app.get('/redoc', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html').header('content-security-policy', docsPolicy("'self' blob:")).send(redocPage),
  )
}

/** In a build beside it: installed, the package has a hundred others with it, for its other forms. */
function redocFile(): string | URL {
  const built = new URL('./redoc.standalone.js', import.meta.url)
  return existsSync(built) ? built : createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js')
}

/** Its page and its files; a file is read when somebody asks for it. */
function serveSwaggerUi(app: HttpServer): void {
  const policy = { 'content-security-policy': docsPolicy("'self'") }
  const open = { config: { access: 'public' as const }, schema: { hide: true } }
  for (const path of ['/docs', '/docs/'])
    app.get(path, open, async (_request, reply) => reply.type('text/html').headers(policy).send(swaggerUi.page))
  const require = createRequire(import.meta.url)
  const read = new Map<string, Buffer | string>([['initializer.js', swaggerUi.initializer]])
  for (const [name, type] of Object.entries(swaggerUi.files))
    app.get(`/docs/static/${name}`, open, async (_request, reply) => {
      const content = read.get(name) ?? readFileSync(require.resolve(`@fastify/swagger-ui/static/${name}`))
      read.set(name, content)
      return reply
        .type(type)
        .headers({ ...policy, 'cache-control': 'public, max-age=86400' })
        .send(content)
    })
}

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
