import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newModule } from '../src/cli/new-module.ts'

const root = join(import.meta.dirname, '../../..')
const program = (...path: string[]) => join(root, 'node_modules', ...path)
const run = (script: string, args: string[], cwd: string) =>
  promisify(execFile)(process.execPath, [script, ...args], { cwd, env: { PATH: process.env.PATH, NO_COLOR: '1' } })

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'atrium-new-'))
  symlinkSync(program(), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('a new module passes its own tests and the lint as it is written', { timeout: 120_000 }, async () => {
  const made = newModule(folder, 'book-marks')
  expect(readdirSync(made)).toContain('book-marks.test.ts')
  expect(() => newModule(folder, 'book-marks')).toThrow('is there already')
  expect(() => newModule(folder, 'messages')).toThrow('name')
  expect(() => newModule(folder, '../evil')).toThrow('kebab-case')
  const source = (file: string) => join(root, 'packages/server/src', file)
  const alias = [
    { find: '@atrium/server/testing', replacement: source('testing.ts') },
    { find: '@atrium/server', replacement: source('index.ts') },
  ]
  const config = join(folder, 'vitest.config.mjs')
  writeFileSync(
    config,
    `export default { resolve: { alias: ${JSON.stringify(alias)} }, test: { testTimeout: 60000 } }\n`,
  )
  const tested = await run(program('vitest/vitest.mjs'), ['run', '--config', config], folder).catch((error) => error)
  expect(`${tested.stdout}${tested.stderr}`).toContain('2 passed')
  const style = ['check', '--error-on-warnings', '--vcs-enabled=false', `--config-path=${root}`, made]
  await run(program('@biomejs/biome/bin/biome'), style, folder)
})
