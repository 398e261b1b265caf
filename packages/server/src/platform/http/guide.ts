import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { platformErrors } from '../errors.ts'
import type { HttpServer } from './server.ts'

/** Its pages are files: nothing inline, and nothing from elsewhere. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The guide at /guide, where it was built. */
export async function serveGuide(app: HttpServer, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) return
  const files = new Set(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
  )
  await app.register(async (scope) => {
    await scope.register(fastifyStatic, { root: folder, serve: false, index: false })
    const route = { config: { access: 'public' as const }, schema: { hide: true } }
    const send = (name: string) => [name, name === '' ? 'index.html' : `${name}.html`].find((file) => files.has(file))
    for (const url of ['/guide', '/guide/*']) {
      scope.get<{ Params: { '*'?: string } }>(url, route, async (request, reply) => {
        const file = send((request.params['*'] ?? '').replace(/\/$/, ''))
        if (file === undefined) throw platformErrors.not_found()
        return reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-cache' }).sendFile(file)
      })
    }
  })
}
