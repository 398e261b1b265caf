import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bareEnvironment } from './bare-environment.ts'

const cli = join(import.meta.dirname, '../src/cli.ts')
const hash = 'pbkdf2:sha1:1000$a8Fk2LqP$32f6830427a974a65ca45ab5443578ad0457628b'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'atrium-import-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const atrium = (args: readonly string[], input = '') =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { ...bareEnvironment(), DATA_DIR: join(folder, 'data') }
    const child = execFile(process.execPath, [cli, ...args], { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
    child.stdin?.end(input)
  })

it('W13: the command tells row by row what failed, and by its exit code whether anything did', async () => {
  const file = join(folder, 'users.csv')
  writeFileSync(file, `username,email,password_hash\nann,ann@example.com,${hash}\nbob,bob@example.com,hunter2hunter2\n`)
  const dry = await atrium(['user', 'import', file, '--dry-run'])
  expect(dry).toMatchObject({ code: 1, err: '' })
  expect(dry.out).toMatch(/^row 3: password_hash: .+\nNothing was written\. To be created: 1\..* Failed: 1\.\n$/)

  const first = await atrium(['--json', 'user', 'import', file])
  expect([first.code, JSON.parse(first.out)]).toEqual([
    1,
    {
      rows: [
        {
          row: 3,
          status: 'failed',
          problems: [{ field: 'password_hash', code: 'unknown_hash', message: expect.any(String) }],
        },
      ],
      created: 1,
      existing: 0,
      failed: 1,
      dry_run: false,
    },
  ])
  expect(first.out + dry.out).not.toContain('hunter2')

  const again = await atrium(['user', 'import', '-'], '[{"username":"ann","email":"ann@example.com"}]')
  expect(again).toEqual({
    code: 0,
    out: 'row 1: is there already\nCreated: 0. There already: 1. Failed: 0.\n',
    err: '',
  })
}, 60_000)

it('W13: a file that is not there, or is none, is named in one line', async () => {
  const missing = await atrium(['user', 'import', join(folder, 'missing.csv')])
  expect(missing).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^\S+ cannot be read \(ENOENT\)\n$/) })
  const none = await atrium(['--json', 'user', 'import', '-'], 'no header\n')
  expect([none.code, JSON.parse(none.out)]).toMatchObject([1, { rows: [], error: expect.any(String) }])
  expect((await atrium(['user', 'import'])).code).toBe(2)
}, 60_000)
