import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

export interface GuideCommand {
  page: string
  command: string
}

const begins =
  /^(?:[A-Z][A-Z0-9_]*=(?:'[^']*'|\S)* )*(?:npm|npx|node|node_modules\/|docker|kubectl|curl|echo|printf|sudo|systemctl|git|apt|cp|openssl|atrium) ?/

/** Every command in a fenced block of these pages. A line that goes on in the next, by a backslash or a quote, is one. */
export function guideCommands(): GuideCommand[] {
  const pages = [
    ...['README.md', 'deploy/README.md', 'packages/client/README.md'],
    ...globSync('{docs/guide/*.md,examples/*/README.md}', { cwd: root }),
  ].sort()
  return pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^ *```(\w*)\n(.*?)^ *```$/gms)]
      .filter(([, language = '']) => /^(|sh|bash|console)$/.test(language))
      .flatMap(([, , body = '']) => statements(body).map((command) => ({ page, command }))),
  )
}

function statements(body: string): string[] {
  const found: string[] = []
  let open = ''
  for (const raw of body.split('\n')) {
    const line = open === '' ? raw.trim().replace(/^\$ /, '') : raw
    if (open === '' && !begins.test(line)) continue
    const whole = open === '' ? line : `${open}\n${line}`
    open = goesOn(whole) ? whole : ''
    if (open === '') found.push(whole.replace(/\s*\\\n\s*/g, ' ').replace(/\s+#\s.*$/, ''))
  }
  return found
}

/** Whether a quote is open at the end, or a backslash or a pipe asks for more. */
function goesOn(text: string): boolean {
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (sign === '\\' && quote !== "'") at++
    else if (quote === '' && /['"]/.test(sign)) quote = sign
    else if (sign === quote) quote = ''
    else if (quote === '' && sign === '#' && /\s/.test(text[at - 1] ?? ' ')) return false
  }
  return quote !== '' || /[\\|]$/.test(text)
}

/** Where what cannot be run here is looked at by something else, or where another test runs it. */
export const elsewhere: readonly { command: RegExp; by: string; says: string; isRun: boolean }[] = [
  // Not run: there is no container engine, cluster or service manager to be had in a test.
  { command: /^docker (build|run) /, by: 'packages/server/test/deploy.test.ts', says: 'P01: the image', isRun: false },
  {
    command: /^docker compose /,
    by: 'packages/server/test/deploy.test.ts',
    says: 'is taken by docker-compose',
    isRun: false,
  },
  { command: /^kubectl /, by: 'packages/server/test/deploy.test.ts', says: "describe('Kubernetes'", isRun: false },
  // Not run: they install from, or test, the clone that the tests are run in.
  {
    command: /^npm install \.\.\/atrium/,
    by: 'packages/server/test/docs.test.ts',
    says: 'the examples of the client',
    isRun: false,
  },
  { command: /^npm test$/, by: 'scripts/setup.test.mjs', says: 'it(', isRun: false },
  // Run by others.
  { command: /npm run test:faults/, by: 'scripts/test.mjs', says: 'faults', isRun: true },
  { command: /BOT_PASSWORD=/, by: 'examples/echo-bot/bot.test.ts', says: 'answers who writes to it', isRun: true },
  {
    command: /^ALLOWED_ORIGINS=\S+ npm start$|npm run (dev|build) -w examples\/|node examples\/html\/serve/,
    by: 'packages/web/test/examples.test.ts',
    says: 'commandsOf',
    isRun: true,
  },
  {
    command: /^npm start$|^PORT=9000 npm start$/,
    by: 'packages/server/test/lifecycle.test.ts',
    says: 'it(',
    isRun: true,
  },
  { command: /WORKERS=4 npm start/, by: 'packages/server/test/faults', says: 'WORKERS', isRun: true },
  { command: /user import users\.csv/, by: 'packages/server/test/user-import.test.ts', says: 'dry-run', isRun: true },
  {
    command: /atrium -- (backup|verify|restore) /,
    by: 'packages/server/test/backup-commands.test.ts',
    says: 'backup',
    isRun: true,
  },
  {
    command: /npm run new -- |npx vitest run modules/,
    by: 'packages/server/test/new-module.test.ts',
    says: 'newModule',
    isRun: true,
  },
]
