import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import guestBook from '../../../examples/guest-book/index.ts'
import { comingNames, foreignNames, Settings } from '../src/config/settings.ts'
import { errorCatalogue } from '../src/error-catalogue.ts'
import { statusByKind } from '../src/platform/errors.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const root = join(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })].sort()
const guide = pages.filter((page) => !page.startsWith('docs/reference/') && !page.startsWith('docs/adr/'))

/** What is said of each page: the first group of every match. */
const found = (files: readonly string[], pattern: RegExp) =>
  files.flatMap((page) => [...read(page).matchAll(pattern)].map((match) => ({ page, text: match[1] ?? '', match })))

describe('links', () => {
  const withoutCode = (text: string) => text.replace(/^```.*?^```/gms, '')
  const anchorsOf = (page: string) =>
    [...withoutCode(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-'),
    )

  it('lead to a file that is there, and to a heading in it', () => {
    const links = found(pages, /\]\(([^)\s]+)\)/g).filter(({ text }) => !/^https?:/.test(text))
    const dead = links.filter(({ page, text }) => {
      const [path = '', anchor] = text.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(links.length).toBeGreaterThan(50)
    expect(dead.map(({ page, text }) => `${page}: ${text}`)).toEqual([])
  })

  it('lead to every page of the guide from its index', () => {
    const listed = found(['docs/README.md'], /\]\(([^)#\s]+)\)/g).map(({ text }) => join('docs', text))
    const forgotten = pages.filter((page) => /^docs\/(guide|reference)\//.test(page) && !listed.includes(page))
    expect(forgotten).toEqual([])
  })
})

it('every npm script that is named exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...found(pages, /\bnpm run (?:--silent )?([a-z][a-z:-]*)/g), ...found(pages, /\bnpm (start|test)\b/g)]
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ text }) => !(text in scripts)).map(({ page, text }) => `${page}: ${text}`)).toEqual([])
})

describe('settings', () => {
  const comingFrom = read('docs/guide/coming-from.md')
  const inCode = (name: string) => new RegExp(`\`${name}\``)

  it('every name is one of ours, or explained on the page about other systems', () => {
    const ownTests = globSync(['scripts/**/*.mjs', 'packages/server/test/**/*.ts'], { cwd: root }).map(read).join('\n')
    const isKnown = (name: string) =>
      name in Settings.properties ||
      name in (guestBook.settings?.properties ?? {}) ||
      inCode(name).test(comingFrom) ||
      // Of Node itself.
      ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'].includes(name) ||
      (name.startsWith('ATRIUM_') && ownTests.includes(name))
    const named = found(guide, /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g)
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter(({ text }) => !isKnown(text)).map(({ page, text }) => `${page}: ${text}`)).toEqual([])
  })

  it('the page about other systems says note and refused where the server does', () => {
    const rows = [...comingFrom.matchAll(/^\| (`.*?) \| (.*?) \|(.*)\|$/gm)].map(
      ([, names = '', ours = '', more = '']) => ({
        names: [...names.matchAll(/`([A-Z_0-9]+)`/g)].map((match) => match[1] ?? ''),
        ours: [...ours.matchAll(/`([A-Z_0-9]+)`/g)].map((match) => match[1] ?? ''),
        word: /^ (note|refused)\b/.exec(more)?.[1],
      }),
    )
    const notes = rows
      .filter(({ word }) => word === 'note')
      .flatMap(({ names, ours }) => names.map((name) => [name, ours[0]]))
    expect(Object.fromEntries(notes)).toEqual(foreignNames)
    const refused = rows.filter(({ word }) => word === 'refused').flatMap(({ names }) => names)
    expect(refused.filter((name) => !comingNames.some((coming) => coming === name))).toEqual([])
    expect(comingNames.filter((name) => !inCode(name).test(comingFrom))).toEqual([])
  })
})

describe('the API', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await createTestApp({}, { modules: [guestBook] })
  })
  afterAll(() => app.drop())

  it('every route that is named with its method is in the OpenAPI document', () => {
    const { paths = {} } = app.http.swagger() as { paths?: Record<string, object> }
    const nameless = (route: string) => route.replace(/\{[^}]*\}/g, '{}').replace('\n', ' ')
    const routes = new Set(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${nameless(path)}`),
      ),
    )
    const named = found(pages, /\b((?:GET|POST|PUT|PATCH|DELETE)\s\/(?:api\/v1\/|health|live|ready)[\w/@{}-]*)/g)
    expect(named.length).toBeGreaterThan(30)
    const unknown = named.filter(({ text }) => !routes.has(nameless(text)))
    expect(unknown.map(({ page, text }) => `${page}: ${text}`)).toEqual([])
  })

  it('every error code that is named with its status is one of ours, with that status', () => {
    const named = found(guide, /\b([45]\d\d)\s+`([a-z_]+)`/g)
    expect(named.length).toBeGreaterThan(20)
    const wrong = named.filter(({ text, match }) => {
      const [kind] = errorCatalogue[match[2] ?? ''] ?? []
      return kind === undefined || statusByKind[kind] !== Number(text)
    })
    expect(wrong.map(({ page, match }) => `${page}: ${match[0]}`)).toEqual([])
  })
})

// A whole compiler runs, beside the other tests: against what the client is built to, as others get it.
it('the examples of the client pass the type checker', { timeout: 240_000 }, async () => {
  const examples = found(['docs/guide/client.md', 'packages/client/README.md'], /^```ts\n(.*?)^```/gms)
  expect(examples.length).toBe(16)
  const folder = mkdtempSync(join(tmpdir(), 'atrium-examples-'))
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(process.execPath, [join(root, program), ...args]).catch((error: { stdout: string }) => error)
  try {
    const client = join(folder, 'node_modules/@atrium/client')
    await run('scripts/build-client.mjs', join(client, 'dist'))
    copyFileSync(join(root, 'packages/client/package.json'), join(client, 'package.json'))
    for (const name of ['openapi-fetch', 'openapi-typescript-helpers'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    for (const [index, { text }] of examples.entries()) writeFileSync(join(folder, `example-${index}.ts`), text)
    const compilerOptions = {
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      customConditions: [],
    }
    const settings = { extends: join(root, 'packages/client/tsconfig.json'), compilerOptions, include: ['*.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    const { stdout } = await run('node_modules/typescript/bin/tsc', '-p', folder, '--pretty', 'false')
    expect(stdout).toBe('')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
