import { createHash } from 'node:crypto'
import { type ErrorTable, statusByKind } from '../errors.ts'
import type { HttpServer } from './server.ts'

/** The page behind every problem's `type`: what it means and what to do about it. */
export function serveProblemPages(app: HttpServer, errors: ErrorTable): void {
  const pages = new Map(Object.entries(errors).map(([code, entry]) => [code, page(code, entry)]))
  app.get<{ Params: { code: string } }>(
    '/problems/:code',
    { config: { access: 'public' }, schema: { hide: true } },
    async (request, reply) => {
      const html = pages.get(request.params.code)
      if (html === undefined) return reply.callNotFound()
      return reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(html)
    },
  )
}

const style = `:root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif }
body { max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem }
h1 { font-size: 1.6rem; line-height: 1.25 }
p:last-child { opacity: .65; font-size: .9rem }`

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`

const page = (code: string, [kind, title, cure]: ErrorTable[string]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Atrium</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
<p>${cure}</p>
<p>Code <code>${code}</code>, status ${statusByKind[kind]}.</p>
</body>
</html>
`
