import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listed } from '../../../test/stored-objects.ts'
import { newId } from '../ids.ts'
import { DiskStorage } from './disk-storage.ts'
import { derivedKey, newKey, originalKey } from './storage.ts'

let folder: string
let storage: DiskStorage
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atrium-storage-'))
  storage = new DiskStorage(join(folder, 'files'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const text = (value: string) => [Buffer.from(value)]
const read = async (key: string, range?: { start: number; end: number }) =>
  (await buffer(await storage.open(key, range))).toString()
const all = () => readdirSync(join(folder, 'files'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile())

describe('the disk', () => {
  it('keeps what it was given, whole and in parts', async () => {
    const key = newKey(newId())
    await storage.put(key, text('0123456789'))
    expect(await read(key)).toBe('0123456789')
    expect(await read(key, { start: 2, end: 4 })).toBe('234')
    expect(await storage.find(key)).toMatchObject({ key, size: 10 })
    expect(statSync(join(folder, 'files/objects', key)).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'files/objects')).mode & 0o777).toBe(0o700)
  })

  it('reads a part at once, and nothing of an object that is shorter, or gone', async () => {
    const key = newKey(newId())
    await storage.put(key, text('0123456789'))
    const part = async (start: number, end: number) => (await storage.read(key, { start, end })).toString()
    expect([await part(0, 9), await part(2, 4), await part(9, 9)]).toEqual(['0123456789', '234', '9'])
    await expect(part(5, 10)).rejects.toThrow('shorter')
    await storage.remove(key)
    await expect(part(0, 9)).rejects.toThrow('There is no object')
  })

  it('keeps nothing of a source that fails', async () => {
    const key = newKey(newId())
    const broken = async function* () {
      yield Buffer.from('half')
      throw new Error('cut off')
    }
    await expect(storage.put(key, broken())).rejects.toThrow('cut off')
    expect(all()).toEqual([])
    await expect(storage.open(key)).rejects.toThrow('There is no object')
  })

  it('removes an object with what was made of it', async () => {
    const [one, two] = [newKey(newId()), newKey(newId())]
    for (const key of [one, derivedKey(one, '64x64.webp'), derivedKey(one, '128.webp'), two]) {
      await storage.put(key, text(key))
    }
    const keys = (await listed(storage)).map(({ key }) => key)
    expect(keys.map(originalKey).sort()).toEqual([one, one, one, two].sort())
    await storage.remove(one)
    await storage.remove(one)
    expect((await listed(storage)).map(({ key }) => key)).toEqual([two])
  })

  it('clears away what a dead writer left, and nothing that is being written', async () => {
    await storage.check()
    const incoming = join(folder, 'files/incoming')
    for (const name of ['dead', 'alive']) writeFileSync(join(incoming, name), 'half')
    const old = new Date(Date.now() - 61_000)
    utimesSync(join(incoming, 'dead'), old, old)
    expect(await storage.clean()).toBe(1)
    expect(readdirSync(incoming)).toEqual(['alive'])
  })
})

describe('M47: nothing leads out of the folder', () => {
  it.each([
    '../x',
    'ab/../../x',
    'ab/%2e%2e%2fx',
    '..\\x',
    '/etc/passwd',
    'ab/a\0b',
    'ab/',
    'ab/x.d/../y',
    `ab/${'x'.repeat(65)}`,
    '',
  ])('M47: %j is no key', async (key) => {
    for (const work of [
      () => storage.put(key, text('x')),
      () => storage.open(key),
      () => storage.find(key),
      () => storage.remove(key),
    ]) {
      await expect(work()).rejects.toThrow('Not a key of an object')
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('M47: a link in the place of an object is replaced, and what it leads to stays as it was', async () => {
    const key = newKey(newId())
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'precious')
    mkdirSync(join(folder, 'files/objects', key.slice(0, 2)), { recursive: true })
    symlinkSync(victim, join(folder, 'files/objects', key))
    await storage.put(key, text('new'))
    expect(await read(key)).toBe('new')
    await storage.remove(key)
    expect(readFileSync(victim, 'utf8')).toBe('precious')
  })
})
