import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { OpenAPIV3_1 } from 'openapi-types'
import type { HttpServer } from './server.ts'

type Json = Record<string, unknown>

/** Collects the routes that are registered after it; the document is made from the schemas that validate them. */
export async function describeApi(app: HttpServer, options: { version: string; publicUrl: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Atrium',
        version: options.version,
        description: 'Accounts, sessions and real-time messaging. Errors are RFC 9457 problem documents.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: options.publicUrl }],
      components: {
        securitySchemes: {
          cookie: {
            type: 'apiKey',
            in: 'cookie',
            name: 'access_token_cookie',
            description: 'With X-CSRF-TOKEN on unsafe methods',
          },
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const access = (route.config as { access?: string } | undefined)?.access
      const security = access === 'user' ? [{ cookie: [] }, { bearer: [] }] : []
      return { schema: { ...schema, security } as typeof schema, url }
    },
    transformObject: (document) => nameSchemas((document as { openapiObject: Json }).openapiObject) as never,
  })
}

/** The document, Swagger UI and ReDoc; every byte of them comes from this server. */
export async function serveApiDocs(app: HttpServer): Promise<void> {
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    reply.type('application/json').header('cache-control', 'no-cache')
    return reply.send(JSON.stringify(app.swagger()))
  })

  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
    })
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { url: '/openapi.json', withCredentials: true },
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

/** A schema with a title is written once, under its title, and referred to everywhere else. */
function nameSchemas(document: Json): Json {
  const schemas: Record<string, unknown> = {}
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    if (typeof value !== 'object' || value === null) return value
    const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item)]))
    const { title } = value as { title?: unknown }
    if (typeof title !== 'string' || !('type' in copy || 'anyOf' in copy)) return copy
    schemas[title] = copy
    return { $ref: `#/components/schemas/${title}` }
  }
  const paths = visit(document.paths)
  const components = document.components as OpenAPIV3_1.ComponentsObject
  return { ...document, paths, components: { ...components, schemas: sorted(schemas) } }
}

const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => a.localeCompare(b)))
