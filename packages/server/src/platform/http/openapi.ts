import swagger from '@fastify/swagger'
import type { FastifyContextConfig } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import type { HttpServer } from './server.ts'

const keyHeader = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      maxLength: 257,
      description: 'One request and its repeats: what it does is done once, and for 24 hours answered alike',
    },
  },
}

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
          api_key: {
            type: 'apiKey',
            in: 'header',
            name: 'X-API-Key',
            description: 'sk_…, also as a bearer token; its scopes have to include the permission named in x-access',
          },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const { access, sessionOnly, idempotency } = (route.config ?? {}) as FastifyContextConfig
      const isOpen = access === undefined || access === 'public' || access === 'optional'
      const forKeys = typeof access === 'object' && !sessionOnly
      const security = isOpen ? [] : [{ cookie: [] }, { bearer: [] }, ...(forKeys ? [{ api_key: [] }] : [])]
      const said = { 'x-access': typeof access === 'object' ? access.permission : access }
      const headers = idempotency ? { headers: keyHeader } : {}
      return { schema: { ...schema, ...headers, security, ...said } as typeof schema, url }
    },
    transformObject: (document) => nameSchemas((document as { openapiObject: Json }).openapiObject) as never,
  })
}

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
