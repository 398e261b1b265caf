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
      return reply.type('text/html; charset=utf-8').send(html)
    },
  )
}

const page = (code: string, [kind, title, cure]: ErrorTable[string]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<h1>${title}</h1>
<p>${cure}</p>
<p>Code <code>${code}</code>, status ${statusByKind[kind]}.</p>
</html>
`
