import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterEach, expect, it } from 'vitest'
import { FanOut } from './fan-out.ts'

const limitMs = 10_000
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A server with one room, and what it wrote to its connections, write by write. */
async function start() {
  const http = createServer()
  const server = new Server(http, { transports: ['polling', 'websocket'] })
  const fanOut = new FanOut(server.of('/'))
  server.on('connection', (socket) => socket.join('room'))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  const { port } = http.address() as AddressInfo
  const written: { to: Duplex; bytes: unknown }[] = []
  const watch = (connection: Duplex) => {
    const write = connection.write.bind(connection) as (...args: unknown[]) => boolean
    connection.write = (...args: unknown[]) => {
      written.push({ to: connection, bytes: args[0] })
      return write(...args)
    }
  }
  http.on('connection', watch)

  const enter = async (transports: string[]) => {
    const socket = io(`http://127.0.0.1:${port}`, { transports, reconnection: false, forceNew: true, upgrade: false })
    closers.push(() => socket.close())
    const heard: { name: string; data: unknown }[] = []
    socket.onAny((name: string, data: unknown) => heard.push({ name, data }))
    await once(socket, 'connect')
    return { id: socket.id as string, heard, hears: (name: string) => hears(socket, heard, name) }
  }
  const of = (id: string) => server.of('/').sockets.get(id)
  return { fanOut, written, enter, of }
}

const once = (socket: Socket, name: string) => limited(name, (resolve) => socket.once(name, () => resolve()))

const hears = (socket: Socket, heard: { name: string }[], name: string) =>
  limited(name, (resolve) => {
    if (heard.some((each) => each.name === name)) resolve()
    else socket.onAny((each: string) => each === name && resolve())
  })

const limited = (what: string, begin: (resolve: () => void) => void) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} was not heard`)), limitMs)
    begin(() => {
      clearTimeout(timer)
      resolve()
    })
  })

it('encodes an event once for everybody, and writes what one turn owes a socket at once', async () => {
  const { fanOut, written, enter } = await start()
  const people = await Promise.all(Array.from({ length: 5 }, () => enter(['websocket'])))
  written.length = 0

  for (const number of [1, 2, 3]) fanOut.toRoom('room', [], 'message', { number })
  fanOut.toRoom('room', [], 'last', {})
  await Promise.all(people.map(({ hears }) => hears('last')))

  expect(written.length).toBe(people.length)
  expect(new Set(written.map(({ to }) => to)).size).toBe(people.length)
  // The very same bytes, not others that say the same.
  expect(new Set(written.map(({ bytes }) => bytes)).size).toBe(1)
  for (const { heard } of people) {
    expect(heard.map(({ data }) => data)).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }, {}])
  }
})

it('keeps the order of everything a socket is sent, whichever way it is sent', async () => {
  const { fanOut, enter, of } = await start()
  const [socket, poller] = [await enter(['websocket']), await enter(['polling'])]
  const all = [socket, poller]

  fanOut.toRoom('room', [], 'one', {})
  for (const { id } of all) of(id)?.emit('two', {})
  fanOut.toSockets(
    all.map(({ id }) => id),
    'three',
    {},
  )
  fanOut.toRoom('room', [], 'four', {})
  for (const { id } of all) of(id)?.emit('five', {})
  await Promise.all(all.map(({ hears }) => hears('five')))

  for (const { heard } of all) expect(heard.map(({ name }) => name)).toEqual(['one', 'two', 'three', 'four', 'five'])
})

it('tells nobody who is left out, who has gone, or who is not there yet', async () => {
  const { fanOut, enter, of } = await start()
  const [ann, bob, cid] = [await enter(['websocket']), await enter(['websocket']), await enter(['websocket'])]
  void of(cid.id)?.leave('room')

  fanOut.toRoom('room', [bob.id], 'first', {})
  void of(ann.id)?.leave('room')
  fanOut.toRoom('room', [], 'second', {})
  void of(cid.id)?.join('room')
  fanOut.toRoom('room', [], 'third', {})
  fanOut.toRoom('nowhere', [], 'fourth', {})
  fanOut.toSockets([ann.id, bob.id, cid.id, 'nobody'], 'end', {})
  await Promise.all([ann, bob, cid].map(({ hears }) => hears('end')))

  expect(ann.heard.map(({ name }) => name)).toEqual(['first', 'end'])
  expect(bob.heard.map(({ name }) => name)).toEqual(['second', 'third', 'end'])
  expect(cid.heard.map(({ name }) => name)).toEqual(['third', 'end'])
})

it('brings texts of every length and script whole', async () => {
  const { fanOut, enter } = await start()
  const all = [await enter(['websocket']), await enter(['polling'])]
  const texts = [0, 100, 110, 125, 126, 127, 65_500, 65_536, 70_000].map((length) => 'é'.repeat(length))
  texts.push('𝄞 \u2028 "quoted" \\ \ud800')

  for (const text of texts) fanOut.toRoom('room', [], 'text', { text })
  fanOut.toRoom('room', [], 'end', {})
  await Promise.all(all.map(({ hears }) => hears('end')))

  for (const { heard } of all) {
    expect(heard.slice(0, -1).map(({ data }) => (data as { text: string }).text)).toEqual(texts)
  }
})

it('writes nothing to a connection that was closed meanwhile', async () => {
  const { fanOut, written, enter, of } = await start()
  const [ann, bob] = [await enter(['websocket']), await enter(['websocket'])]

  fanOut.toRoom('room', [], 'last', {})
  of(ann.id)?.conn.close(true)
  written.length = 0
  await bob.hears('last')

  expect(written.filter(({ bytes }) => String(bytes).includes('last')).length).toBe(1)
})

it('leaves what cannot be written now to the connection, in its order', async () => {
  const { fanOut, enter, of } = await start()
  const { id, heard, hears } = await enter(['websocket'])

  // The first of these is on its way, so that the second waits for it.
  of(id)?.emit('first', {})
  of(id)?.emit('second', {})
  fanOut.toRoom('room', [], 'third', {})
  fanOut.toRoom('room', [], 'fourth', {})
  of(id)?.emit('fifth', {})
  await hears('fifth')

  expect(heard.map(({ name }) => name)).toEqual(['first', 'second', 'third', 'fourth', 'fifth'])
})
