import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import type { EventEnvelope } from '../src/platform/events/event-rendering.ts'
import type { TestApp, Visitor } from './test-app.ts'
import { assertTableNews, assertTold } from './told-events.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
type Any = any

/** A connected socket that keeps what it heard. */
export interface LiveClient {
  socket: Socket
  ready: Any
  heard: EventEnvelope[]
  /** All of it, in order. */
  all: readonly { name: string; payload: Any }[]
  /** `{ok,data}` or `{ok,error}`. */
  ask(command: string, input?: unknown): Promise<Any>
  /** Resolves once an event of this name satisfies the test, now or later. */
  hears(name: string, test?: (payload: Any) => boolean): Promise<Any>
  /** Throws when an event was not as its schema says. */
  close(): void
}

const limitMs = 10_000

/** Connects as the visitor's browser would: its cookies and the origin of our own page; `handshake` says otherwise. */
export async function connect(
  app: TestApp,
  visitor: Visitor,
  handshake: Partial<ManagerOptions & SocketOptions> = {},
): Promise<LiveClient> {
  const address = app.http.server.address()
  if (typeof address !== 'object' || !address) throw new Error('The app does not listen.')
  const origin = `http://127.0.0.1:${address.port}`
  const socket = io(origin, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { cookie: visitor.cookieHeader, origin },
    ...handshake,
  })
  const all: { name: string; payload: Any }[] = []
  const listeners = new Set<(event: { name: string; payload: Any }) => void>()
  const note = (name: string, payload: Any) => {
    all.push({ name, payload })
    for (const listener of listeners) listener({ name, payload })
  }
  socket.onAny((name: string, payload: Any) => note(name, payload))
  socket.on('disconnect', (reason) => note('disconnect', reason))

  const hears = (name: string, test: (payload: Any) => boolean = () => true) =>
    new Promise<Any>((resolve, reject) => {
      const matches = (event: { name: string; payload: Any }) => event.name === name && test(event.payload)
      const known = all.find(matches)
      if (known) return resolve(known.payload)
      const timer = setTimeout(() => {
        listeners.delete(listener)
        reject(new Error(`${name} was not heard; heard ${all.map((event) => event.name).join(', ')}`))
      }, limitMs)
      const listener = (event: { name: string; payload: Any }) => {
        if (!matches(event)) return
        clearTimeout(timer)
        listeners.delete(listener)
        resolve(event.payload)
      }
      listeners.add(listener)
    })

  const refused = new Promise<never>((_, reject) => {
    socket.on('connect_error', (error) => reject(Object.assign(error, { problem: (error as Any).data })))
  })
  const ready = await Promise.race([hears('session.ready'), refused])
  return {
    socket,
    ready,
    all,
    get heard() {
      return all.map((event) => event.payload).filter((payload) => payload?.stream !== undefined)
    },
    ask: (command, input = {}) => socket.timeout(limitMs).emitWithAck(command, input),
    hears,
    close: () => {
      socket.close()
      assertTableNews(all)
      assertTold(
        app,
        all.map((event) => event.payload).filter((payload) => payload?.stream !== undefined),
      )
    },
  }
}
