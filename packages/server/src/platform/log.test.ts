import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const full = '/dev/full'
const program = `
  const { createLogger } = await import(${JSON.stringify(join(import.meta.dirname, 'log.ts'))})
  const log = createLogger({ level: 'info' })
  log.info('one')
  log.fatal('two')
  log.info('three')
  process.exit(3)`

it.skipIf(!existsSync(full))('F13 log: a process ends although its last lines cannot be written', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', openSync(full, 'w'), 'ignore'],
  })
  expect(await once(child, 'exit')).toEqual([3, null])
})

it('the last lines of a process are written, in their order', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await once(child, 'close')
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string })
  expect(lines.map(({ msg }) => msg)).toEqual(['one', 'two', 'three'])
})
