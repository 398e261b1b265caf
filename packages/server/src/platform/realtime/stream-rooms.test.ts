import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket as ServerSocket } from 'socket.io'
import { io } from 'socket.io-client'
import { afterEach, expect, it } from 'vitest'
import { FanOut } from './fan-out.ts'
import { StreamRooms } from './stream-rooms.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A socket with this id in the room of a conversation and of a topic, and what it hears. */
async function enter(id: string) {
  const http = createServer()
  const server = new Server(http)
  // Before it enters the room that is named by it.
  server.use((socket, next) => {
    Object.assign(socket, { id })
    next()
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  closers.push(() => server.close())
  const rooms = new StreamRooms(server.of('/'), new FanOut(server.of('/')), [], () => {})
  const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports: ['websocket'] })
  closers.push(() => client.close())
  const heard: number[] = []
  client.onAny((_, { seq }: { seq: number }) => heard.push(seq))
  const [socket] = (await once(server, 'connection')) as [ServerSocket]
  await socket.join(['conversation_a', 'topic_b'])
  return { rooms, socket, client, heard }
}

const event = (seq: number) => {
  const at = { stream: 'conversation:a', seq, type: 'message.created', at: '2026-01-01T00:00:00.000Z' }
  return [
    { ...at, refs: {} },
    { envelope: at, hiddenFrom: new Set<string>() },
  ] as const
}

it.each(['uk_-sBK1SBudqbe8AAAF', 'user-1_cqbe8AAAF', 'VFiwYMxYbCvlvAMTAAAG'])(
  'M35: a socket that is judged anew is told nothing from before its time, whatever its id looks like: %s',
  async (id) => {
    const { rooms, socket, client, heard } = await enter(id)
    await rooms.leaveLost(socket, async () => [])
    expect([...socket.rooms].sort()).toEqual([id, 'conversation_a'].sort())
    rooms.startAt(socket.id, 'conversation:a', 2)
    const third = new Promise((resolve) => client.on('message.created', ({ seq }) => seq === 3 && resolve(seq)))
    for (const seq of [1, 2, 3]) rooms.tell(...event(seq))
    await third
    expect(heard).toEqual([3])
  },
)
