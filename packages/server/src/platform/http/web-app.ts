import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { platformErrors } from '../errors.ts'
import { pagePermissions, pagePolicy } from './security-headers.ts'
import type { HttpServer } from './server.ts'

const noncePlaceholder = /__CSP_NONCE__/g

/**
 * Serves the built web app: its files as they are, and its one page at every address that belongs to it. The page may load
 * `pictures` from one other origin.
 */
export async function serveWebApp(app: HttpServer, folder: string, pictures = ''): Promise<void> {
  const index = join(folder, 'index.html')
  if (!existsSync(index)) {
    app.get(
      '/',
      { config: { access: 'public' }, schema: { hide: true } },
      async () => 'Atrium is running. The web app is not built.',
    )
    return
  }
  const page = readFileSync(index, 'utf8')

  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
      route.schema = { ...route.schema, hide: true }
    })
    await scope.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      preCompressed: true,
      globIgnore: ['**/index.html*'],
      setHeaders: (reply, path) => {
        const hashed = /[/\\]assets[/\\]/.test(path)
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600')
      },
    })

    scope.get('/*', async (request, reply) => {
      const path = request.url.split('?', 1)[0] ?? '/'
      // A page is asked for by a browser's address bar; a missing file or API address is not one.
      const wantsPage = path === '/' || (request.headers.accept?.includes('text/html') ?? false)
      if (!wantsPage || /^\/(api|assets|dev|oauth|socket\.io)\//.test(path)) throw platformErrors.not_found()
      const nonce = randomBytes(16).toString('base64')
      return reply
        .headers({
          'content-security-policy': pagePolicy(nonce, pictures),
          'permissions-policy': pagePermissions,
          'cache-control': 'no-cache',
        })
        .type('text/html; charset=utf-8')
        .send(page.replace(noncePlaceholder, nonce))
    })
  })
}
