import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
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

  const files = listFiles(folder)

  await app.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: folder,
      serve: false,
      index: false,
      preCompressed: true,
      setHeaders: (reply, path) => {
        const hashed = /[/\\]assets[/\\]/.test(path)
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600')
      },
    })

    // One route for all of them: a route each took longer to make than the rest of a start.
    const route = { config: { access: 'public' as const }, schema: { hide: true }, errorHandler: endCut(scope) }
    scope.get<{ Params: { '*': string } }>('/*', route, async (request, reply) => {
      const file = request.params['*']
      if (files.has(file)) return reply.sendFile(`/${file}`)
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

/** The files that are there at the start, and no others, whatever is asked for. */
function listFiles(folder: string): ReadonlySet<string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
  return new Set(paths.filter((path) => !/(^|\/)(index\.html|\.)/.test(path)))
}

/** Who went away in the middle of a file gets no answer. */
const endCut = (scope: HttpServer) =>
  function (this: HttpServer, error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
    if (error.code === 'ERR_STREAM_PREMATURE_CLOSE') return void request.raw.destroy()
    return scope.errorHandler(error, request as never, reply as never)
  }
