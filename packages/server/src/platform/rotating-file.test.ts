import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { SmallDisk } from '../../test/faults/harness/small-disk.ts'
import { endServers, startServer } from '../../test/server-process.ts'
import { createLogger } from './log.ts'
import { fileOfWorker, RotatingFile } from './rotating-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'atrium-log-'))
afterEach(() => endServers())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** From the oldest file to the newest. */
function linesOf(path: string): { n?: number; request_id?: string; msg: string }[] {
  const numbered = [...Array(20).keys()].map((index) => `${path}.${20 - index}`)
  return [...numbered, path]
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line))
}

it('a full file is moved away: so many are kept, none is larger, no line is torn, and only the owner reads them', () => {
  const path = join(folder, 'deep', 'in', 'atrium.log')
  const file = new RotatingFile({ path, maxBytes: 4_096, kept: 3 })
  const log = createLogger({ level: 'info', destination: file })
  for (let n = 0; n < 400; n++) log.info({ n }, `line ü ${'x'.repeat(n % 50)}`)
  file.close()
  const names = readdirSync(join(folder, 'deep', 'in')).sort()
  expect(names).toEqual(['atrium.log', 'atrium.log.1', 'atrium.log.2', 'atrium.log.3'])
  for (const name of names) {
    const { size, mode } = statSync(join(folder, 'deep', 'in', name))
    expect(size).toBeLessThanOrEqual(4_096)
    expect(mode & 0o777).toBe(0o600)
  }
  const numbers = linesOf(path).map(({ n }) => n ?? -1)
  expect(numbers.at(-1)).toBe(399)
  expect(numbers).toEqual(numbers.map((_n, index) => (numbers[0] ?? 0) + index))
  expect(numbers.length).toBeGreaterThan(60)
})

it('what was there stays, and is closed to others; none kept begins anew; a line that is too long has a file of its own', () => {
  const path = join(folder, 'there.log')
  writeFileSync(path, '{"msg":"before"}\n', { mode: 0o644 })
  const file = new RotatingFile({ path, maxBytes: 100, kept: 1 })
  file.write('{"msg":"after"}\n')
  file.flushSync()
  expect(linesOf(path).map(({ msg }) => msg)).toEqual(['before', 'after'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const long = 'x'.repeat(300)
  file.write(`{"msg":"${long}"}\n`)
  file.write('{"msg":"short"}\n')
  file.close()
  expect(linesOf(path).map(({ msg }) => msg)).toEqual([long, 'short'])

  const single = join(folder, 'single.log')
  const anew = new RotatingFile({ path: single, maxBytes: 40, kept: 0 })
  for (const msg of ['one', 'two', 'three']) anew.write(`{"msg":"${msg}"}\n`)
  anew.close()
  expect(readFileSync(single, 'utf8')).toBe('{"msg":"three"}\n')
  expect(existsSync(`${single}.1`)).toBe(false)
})

it.skipIf(!existsSync('/dev/full'))('F13 log: a disk that is full stops nobody, and does not fill the memory', () => {
  const file = new RotatingFile({ path: '/dev/full', maxBytes: 1_000_000, kept: 1 })
  const line = `${'x'.repeat(1_000)}\n`
  for (let i = 0; i < 10_000; i++) file.write(line)
  file.close()
})

it.skipIf(SmallDisk.impossible())(
  'F13 log: after a disk was full no line is torn, and none is there twice',
  async () => {
    const disk = SmallDisk.make(1)
    try {
      const path = join(disk.path, 'atrium.log')
      const file = new RotatingFile({ path, maxBytes: 10_000_000, kept: 1 })
      disk.fill(2 * statfsSync(disk.path).bsize)
      for (let n = 0; n < 200; n++) file.write(`{"n":${n},"msg":"${'x'.repeat(100)}"}\n`)
      file.flushSync()
      expect(readFileSync(path, 'utf8')).not.toMatch(/\n$/)
      disk.free()
      file.close()
      expect(linesOf(path).map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n))
    } finally {
      await disk.remove()
    }
  },
)

it('each worker has a file of its own', () => {
  expect(fileOfWorker('/var/log/atrium.log', 1)).toBe('/var/log/atrium.log')
  expect(fileOfWorker('/var/log/atrium.log', 2)).toBe('/var/log/atrium-2.log')
  expect(fileOfWorker('/var/log.d/atrium', 3)).toBe('/var/log.d/atrium-3')
})

it('a server writes to LOG_FILE in place of standard output, and a stop loses no line', async () => {
  const path = join(folder, 'server.log')
  const { address, child, exited, output } = await startServer({ LOG_FILE: path, LOG_LEVEL: 'info' })
  const ask = async () => (await fetch(`${address}/api/v1/meta`)).headers.get('x-request-id') ?? ''
  const ids = await Promise.all(Array.from({ length: 40 }, ask))
  child.kill('SIGTERM')
  expect((await exited).code).toBe(0)
  const written = new Set(linesOf(path).map(({ request_id }) => request_id))
  expect(ids.filter((id) => !written.has(id))).toEqual([])
  expect(output()).not.toContain('"level"')
}, 60_000)
