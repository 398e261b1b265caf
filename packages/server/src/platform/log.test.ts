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

it('every line is written as it was, however long, in their order', async () => {
  const program = `
    const { createLogger } = await import(${JSON.stringify(join(import.meta.dirname, 'log.ts'))})
    const log = createLogger({ level: 'info' })
    for (let n = 0; n < 3000; n++) log.info({ n, text: n % 500 === 7 ? '🜚é'.repeat(20_000) : 'é' }, 'line')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const lines = Buffer.concat(chunks).toString().trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as { n: number; text: string }).map(({ n, text }) => [n, text])).toEqual(
    Array.from({ length: 3000 }, (_, n) => [n, n % 500 === 7 ? '🜚é'.repeat(20_000) : 'é']),
  )
})
