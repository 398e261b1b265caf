import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { password, startServer } from './test-server.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const source = join(root, 'packages/client')
/** A project of somebody else's, with the package in it as a registry would give it out. */
let project: string
let folder: string

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'atrium-client-'))
  folder = join(project, 'node_modules/@atrium/client')
  mkdirSync(folder, { recursive: true })
  await run(process.execPath, [join(root, 'scripts/build-client.mjs'), join(folder, 'dist')])
  for (const name of ['package.json', 'README.md', 'LICENSE']) copyFileSync(join(source, name), join(folder, name))
  for (const name of ['openapi-fetch', 'socket.io-client'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

interface Manifest {
  exports: Record<string, string | Record<string, string>>
  files: string[]
  sideEffects: boolean
  engines: { node: string }
}
const readJson = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T

it('holds what it says, and nothing else', async () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const { stdout } = await run('npm', args, { cwd: folder, env: { ...process.env, npm_config_loglevel: 'silent' } })
  const answer = JSON.parse(stdout) as { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>
  const paths = Object.values(answer).flatMap(({ files }) => files.map(({ path }) => path))
  const plain = paths.filter((path) => !/^dist\/.*\.d\.ts$/.test(path))
  expect(plain.sort()).toEqual(
    ['LICENSE', 'README.md', 'dist/browser.js', 'dist/index.js', 'dist/index.js.map', 'package.json'].sort(),
  )
  expect(paths).toContain('dist/index.d.ts')

  const { exports, sideEffects, engines } = readJson<Manifest>(join(folder, 'package.json'))
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string'
      ? [target]
      : Object.entries(target).flatMap(([condition, file]) => (condition === 'atrium-client-source' ? [] : [file])),
  )
  for (const target of targets) expect(paths, target).toContain(target.replace('./', ''))
  // Types come first: a compiler takes the first condition that fits.
  expect(Object.keys(exports['./browser'] ?? {})).toEqual(['types', 'default'])
  expect(sideEffects).toBe(false)
  expect(engines).toEqual(readJson<Manifest>(join(root, 'package.json')).engines)
  expect(readFileSync(join(source, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'))
})

it('every file that the types name is there', () => {
  const seen = new Set<string>()
  const follow = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, name = ''] of readFileSync(join(folder, 'dist', file), 'utf8').matchAll(
      /from ['"](\.[^'"]+)\.js['"]/g,
    )) {
      const next = join(file, '..', `${name}.d.ts`)
      expect(existsSync(join(folder, 'dist', next)), `${file} names ${next}`).toBe(true)
      follow(next)
    }
  }
  follow('index.d.ts')
  expect(seen.size).toBeGreaterThan(5)
})

it('the program of its page runs in a project of one’s own, and ends', async () => {
  const server = await startServer()
  try {
    const ann = await server.person('ann')
    await server.person('bot')
    const [block = ''] =
      /(?<=^```ts\n)(?:(?!^```).)*tokenDelivery: 'body'.*?(?=^```)/ms.exec(
        readFileSync(join(source, 'README.md'), 'utf8'),
      ) ?? []
    writeFileSync(join(project, 'main.ts'), block)
    writeFileSync(join(project, 'package.json'), '{"type":"module"}')
    const env = { PATH: process.env.PATH, ATRIUM_URL: server.url, BOT_PASSWORD: password }
    const { stderr } = await run(process.execPath, ['main.ts'], { cwd: project, env, timeout: 30_000 })
    expect(stderr).toBe('')
    const { data } = await ann.conversations.list()
    expect(data[0]?.last_message?.text).toBe('The night ferry is in')
  } finally {
    await server.drop()
  }
})

it('one file serves a page without a build step', async () => {
  const check = `import { createClient, tablesOf, ApiError, NetworkError } from '@atrium/client/browser'
    const client = createClient({ baseUrl: 'http://localhost:1' })
    const error = await client.meta().catch((cause) => cause)
    if (!(error instanceof NetworkError) || !tablesOf || !ApiError) throw error
    client.close()`
  // Not even its dependencies are beside it.
  const bare = mkdtempSync(join(tmpdir(), 'atrium-client-bare-'))
  try {
    const target = join(bare, 'node_modules/@atrium/client')
    mkdirSync(join(target, 'dist'), { recursive: true })
    for (const name of ['package.json', 'dist/browser.js']) copyFileSync(join(folder, name), join(target, name))
    writeFileSync(join(bare, 'main.mjs'), check)
    await run(process.execPath, ['main.mjs'], { cwd: bare, timeout: 30_000 })
  } finally {
    rmSync(bare, { recursive: true, force: true })
  }
})
