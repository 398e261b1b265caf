import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate as aTurn } from 'node:timers/promises'
import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileSender, pieceBytes } from './file-sender.ts'

const mebibyte = 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), 'atrium-sender-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pathOf = (name: string) => join(folder, name)
function write(name: string, size: number): Buffer {
  const bytes = randomBytes(size)
  writeFileSync(pathOf(name), bytes)
  return bytes
}

/** Looks at what it was given only turns later, as the socket of a slow reader does. */
function lateTaker(turns: number) {
  const taken: Buffer[] = []
  const memory = new Set<ArrayBufferLike>()
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      void (async () => {
        for (let left = turns; left > 0; left--) await aTurn()
        taken.push(Buffer.from(chunk))
        memory.add(chunk.buffer)
        done()
      })()
    },
  })
  return { to, memory, bytes: () => Buffer.concat(taken) }
}

describe('a file on its way to one reader', () => {
  const size = 3 * pieceBytes + 5
  let bytes: Buffer
  beforeAll(() => {
    bytes = write('pieces', size)
  })

  it('is the bytes of every part, around the ends of pieces too, however late they are taken', async () => {
    const place = fc
      .tuple(fc.nat(3), fc.integer({ min: -2, max: 4 }))
      .map(([pieces, more]) => Math.max(0, pieces * pieceBytes + more))
    await fc.assert(
      fc.asyncProperty(place, place, fc.nat(30), async (one, other, turns) => {
        const range = { start: Math.min(one, other), end: Math.max(one, other) }
        const file = await open(pathOf('pieces'))
        const sender = new FileSender(file, range)
        const { to, memory, bytes: sent } = lateTaker(turns)
        const closed = once(sender, 'close')
        await once(sender.pipe(to), 'finish')
        expect(sent().equals(bytes.subarray(range.start, range.end + 1))).toBe(true)
        expect(memory.size).toBe(1)
        await closed
        expect(file.fd).toBe(-1)
      }),
      { numRuns: 60 },
    )
  })

  it('is not closed while it is read: another file could have the number by then', async () => {
    const file = await open(pathOf('pieces'))
    const close = vi.spyOn(file, 'close')
    const sender = new FileSender(file, { start: 0, end: size - 1 })
    const { to, bytes: sent } = lateTaker(0)
    sender.pipe(to)
    sender.destroy()
    expect(close).not.toHaveBeenCalled()
    await once(sender, 'close')
    expect([file.fd, sent().length]).toEqual([-1, 0])
  })

  it('cannot be held by whoever reads pieces themselves', async () => {
    const file = await open(pathOf('pieces'))
    await expect(buffer(new FileSender(file, { start: 0, end: 9 }))).rejects.toThrow('only be piped')
    expect(file.fd).toBe(-1)
  })

  it('is closed when it cannot be written', async () => {
    const file = await open(pathOf('pieces'))
    const sender = new FileSender(file, { start: 0, end: size - 1 })
    const to = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) })
    const [failed, closed] = [once(to, 'close').catch((error: Error) => error), once(sender, 'close')]
    sender.pipe(to)
    expect(await failed).toMatchObject({ message: 'gone' })
    await closed
    expect(file.fd).toBe(-1)
  })
})

describe('files over HTTP', () => {
  let app: FastifyInstance
  let port: number
  let sent: { file: FileHandle; sender: FileSender }[] = []
  beforeAll(async () => {
    app = Fastify({ forceCloseConnections: true })
    app.get<{ Params: { name: string; size: string } }>('/:name/:size', async ({ params }, reply) => {
      const file = await open(pathOf(params.name))
      const sender = new FileSender(file, { start: 0, end: Number(params.size) - 1 })
      sent.push({ file, sender })
      return reply.header('content-length', params.size).send(sender)
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    port = (app.server.address() as AddressInfo).port
  })
  beforeEach(() => {
    sent = []
  })
  afterAll(() => app.close())

  async function ask(name: string, size: number, agent?: Agent): Promise<IncomingMessage> {
    const [answer] = await once(get({ port, path: `/${name}/${size}`, ...(agent ? { agent } : {}) }), 'response')
    return answer
  }
  async function read(answer: IncomingMessage, pieces: Buffer[] = []): Promise<Buffer> {
    for await (const piece of answer) {
      pieces.push(piece)
      await aTurn()
    }
    return Buffer.concat(pieces)
  }
  async function allClosed() {
    for (const { sender } of sent) if (!sender.closed) await once(sender, 'close')
    expect(sent.map(({ file }) => file.fd)).toEqual(sent.map(() => -1))
  }

  it('are each their own bytes, many at once to readers who are slow, while some go away', async () => {
    const size = 12 * mebibyte + 1
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const files = names.map((name) => write(name, size))
    const answers = await Promise.all(names.map((name) => ask(name, size)))
    const [leaves, alsoLeaves, ...stay] = answers
    leaves?.destroy()
    await once(alsoLeaves as IncomingMessage, 'readable')
    alsoLeaves?.destroy()
    const received = await Promise.all(stay.map((answer) => read(answer)))
    expect(received.map((bytes, index) => bytes.equals(files[index + 2] as Buffer))).toEqual(stay.map(() => true))
    await allClosed()
    expect(sent.filter(({ sender }) => !sender.readableEnded)).toHaveLength(2)
  })

  it('follow each other on one connection, asked for one by one or all at once', async () => {
    const sizes = [pieceBytes * 2, pieceBytes * 5 + 1, 7]
    const files = sizes.map((size, index) => write(`next-${index}`, size))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const [index, size] of sizes.entries()) {
      expect((await read(await ask(`next-${index}`, size, agent))).equals(files[index] as Buffer)).toBe(true)
    }
    agent.destroy()

    const socket = connect(port, '127.0.0.1')
    const last = (index: number) => (index === sizes.length - 1 ? 'connection: close\r\n' : '')
    socket.write(sizes.map((size, i) => `GET /next-${i}/${size} HTTP/1.1\r\nhost: a\r\n${last(i)}\r\n`).join(''))
    let rest = await buffer(socket)
    for (const [index, size] of sizes.entries()) {
      const start = rest.indexOf('\r\n\r\n') + 4
      expect(rest.subarray(start, start + size).equals(files[index] as Buffer)).toBe(true)
      rest = rest.subarray(start + size)
    }
    expect(rest).toHaveLength(0)
    await allClosed()
  })

  it('are cut, and never filled up, when they become shorter', async () => {
    const size = 24 * mebibyte
    const file = write('shrinks', size)
    const answer = await ask('shrinks', size)
    truncateSync(pathOf('shrinks'), pieceBytes + 1)
    const pieces: Buffer[] = []
    await expect(read(answer, pieces)).rejects.toThrow('aborted')
    const received = Buffer.concat(pieces)
    expect(received.equals(file.subarray(0, received.length))).toBe(true)
    await allClosed()
  })

  it.each([
    ['in the middle of a piece', pieceBytes + 1],
    ['at the end of one', pieceBytes],
  ])('are cut where they end %s', async (_where, size) => {
    const file = write('short', size)
    const pieces: Buffer[] = []
    await expect(read(await ask('short', size + pieceBytes), pieces)).rejects.toThrow('aborted')
    const received = Buffer.concat(pieces)
    expect(received.length).toBeLessThanOrEqual(size)
    expect(received.equals(file.subarray(0, received.length))).toBe(true)
    await allClosed()
  })

  it('are an error when there is nothing of them', async () => {
    write('nothing', 0)
    expect((await ask('nothing', 10)).statusCode).toBe(500)
    await allClosed()
  })
})
