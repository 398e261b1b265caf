import type { Server as HttpServer, ServerResponse } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Actor, ClientInfo } from '../actor.ts'
import type { Clock } from '../clock.ts'
import { runInContext } from '../context.ts'
import type { DatabaseHandle } from '../db/database.ts'
import { AppError, platformErrors } from '../errors.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { EventRendering } from '../events/event-rendering.ts'
import type { ReadableStream } from '../events/readable-stream.ts'
import type { ReadClient } from '../http/client-info.ts'
import { type ErrorClassifier, toAppError } from '../http/error-handler.ts'
import type { Origins } from '../http/origins.ts'
import { toProblem } from '../http/problem.ts'
import { assertStorable } from '../http/text-check.ts'
import { newId } from '../ids.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../limits/rate-limiter.ts'
import type { Logger } from '../log.ts'
import { type Access, type OnDenied, refusal } from '../policy.ts'
import { connectionCommands } from './connection-commands.ts'
import { ephemeral } from './ephemeral.ts'
import { type SocketEndReason, type SocketGate, toEndReason } from './gate.ts'
import { forbidUpgrade, isAllowedOrigin, isOwnPage } from './handshake.ts'
import { SessionWatch } from './session-watch.ts'
import type { CommandSocket, SocketCommand, SocketModule } from './socket-module.ts'
import { StreamEmitter } from './stream-emitter.ts'
import { roomOf, StreamRooms, streamOf, userRoom } from './stream-rooms.ts'

export interface RealtimeOptions {
  http: HttpServer
  /** Sent with every answer of the transport, as with every other answer. */
  headers: Readonly<Record<string, string>>
  gate: SocketGate
  /** Who may connect and hear what happens; each command has a rule of its own. */
  access: Access
  origins: Origins
  clientOf: ReadClient
  onDenied?: OnDenied | undefined
  modules: readonly SocketModule[]
  /** Streams a person may read, joined at connect. */
  streams(userId: string): Promise<ReadableStream[]>
  /** What `session.ready` tells besides the session: user, epoch, unread … */
  welcome(actor: Actor): Promise<Record<string, unknown>>
  rendering: EventRendering
  database: DatabaseHandle
  bus: EventBus
  limiter: RateLimiter
  classify: ErrorClassifier
  log: Logger
  now: Clock
}

const socketsPerUser = 10
const maxEventBytes = 64 * 1024
const eventLimit: Limit = { name: 'socket-events', limit: 30, windowSeconds: 10 }
/** Milliseconds between looks for what was not heard of. */
const pollMs = { alone: 1_000, together: 2_000 }

interface SocketData {
  actor: Actor
  expiresAt: number
  client: ClientInfo
}

/** Socket.IO: connection, rooms and commands. Only this file and stream-rooms.ts know the library. */
export class RealtimeServer {
  readonly #io: Server
  readonly #options: RealtimeOptions
  readonly #watch: SessionWatch
  readonly #emitter: StreamEmitter
  readonly #commands: Map<string, SocketCommand>
  readonly #rooms: StreamRooms

  constructor(options: RealtimeOptions) {
    this.#options = options
    const own = connectionCommands({ ...options, renew: (socketId) => this.#watch.renew(socketId) })
    const commands = [...own, ...options.modules.flatMap((module) => module.commands)]
    this.#commands = new Map(commands.map((entry) => [entry.name, entry]))
    this.#watch = new SessionWatch(options)
    this.#io = new Server(options.http, {
      maxHttpBufferSize: maxEventBytes,
      // A page of another origin could open a WebSocket with the visitor's cookies: CORS does not apply to it.
      allowRequest: (request, decide) => {
        const allowed = isAllowedOrigin(request.headers, options.origins)
        if (!allowed) forbidUpgrade(request)
        decide(null, allowed)
      },
      cors: {
        origin: (origin, decide) => decide(null, origin !== undefined && options.origins.has(origin)),
        credentials: true,
      },
      serveClient: false,
      connectTimeout: 10_000,
    })
    this.#io.engine.use((_request: unknown, response: ServerResponse, next: () => void) => {
      for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value)
      next()
    })
    this.#io.use((socket, next) => {
      this.#authenticate(socket).then(
        () => next(),
        (error: unknown) => next(this.#connectError(error)),
      )
    })
    this.#io.on('connection', (socket) => void this.#welcome(socket))
    this.#io.engine.on('connection_error', (error: { code: number }) =>
      options.log.info({ code: error.code }, 'socket refused'),
    )
    this.#io.of('/').adapter.on('delete-room', (room: string) => this.#emitter.forget(streamOf(room)))
    options.bus.subscribe(options.gate.ended, ({ sessionIds, reason }) =>
      this.#watch.endSessions(sessionIds, toEndReason(reason)),
    )
    options.bus.subscribe(options.gate.rightsChanged, () => this.#judgeAll())
    this.#rooms = new StreamRooms(this.#io.of('/'), options.modules, (stream, from) =>
      this.#emitter.tellFrom(stream, from),
    )
    options.bus.subscribe(ephemeral, ({ room, event, data, exceptUserIds = [] }) => {
      this.#io.local.to(room).except(exceptUserIds.map(userRoom)).emit(event, data)
    })
    this.#emitter = new StreamEmitter({
      ...options,
      pollMs: () => (options.bus.reachesOthers ? pollMs.together : pollMs.alone),
      hasListeners: (stream) => this.#io.of('/').adapter.rooms.has(roomOf(stream)),
      emit: (event, rendered) => this.#rooms.tell(event, rendered),
    })
  }

  get commandNames(): string[] {
    return [...this.#commands.keys()].sort()
  }

  /** Every command with its rule, for those who check them all. */
  get commandRules(): { name: string; access: Access }[] {
    return this.commandNames.map((name) => ({ name, access: this.#commands.get(name)?.access ?? 'user' }))
  }

  get connections(): number {
    return this.#io.of('/').sockets.size
  }

  async #authenticate(socket: Socket): Promise<void> {
    const { headers, auth } = socket.handshake
    const entered = await this.#options.gate.enter({ headers, cookiesCount: isOwnPage(headers), token: auth.token })
    const { actor } = entered
    // Read now: of a handshake by polling nothing is left later.
    const client = this.#options.clientOf(socket.request)
    const context = { source: 'socket' as const, actor, client, path: 'connect', requestId: newId() }
    await runInContext(context, () => this.#noted(actor, async () => this.#assertMay(actor, this.#options.access)))
    const room = this.#io.of('/').adapter.rooms.get(userRoom(actor.userId))
    if ((room?.size ?? 0) >= socketsPerUser) {
      throw platformErrors.rate_limited({ detail: `At most ${socketsPerUser} connections per person` })
    }
    socket.data = { ...entered, client }
  }

  #assertMay(actor: Actor, access: Access): void {
    const refused = refusal(actor, { access }, this.#options.now())
    if (refused) throw refused
  }

  async #noted<T>(actor: Actor, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof AppError) this.#options.onDenied?.(actor, error)
      throw error
    }
  }

  /** Who lost the right to listen hears no more. The session goes on, so no word of its end. */
  async #judge(socket: Socket): Promise<void> {
    try {
      const actor = await this.#options.gate.current((socket.data as SocketData).actor)
      if (refusal(actor, { access: this.#options.access }, this.#options.now())) socket.disconnect(true)
    } catch (error) {
      if (!(error instanceof AppError)) this.#options.log.warn({ err: error }, 'a socket could not be judged anew')
      socket.disconnect(true)
    }
  }

  async #judgeAll(): Promise<void> {
    const sockets = [...this.#io.of('/').sockets.values()]
    while (sockets.length > 0) await Promise.all(sockets.splice(0, 100).map((socket) => this.#judge(socket)))
  }

  #connectError(error: unknown): Error {
    const problem = this.#problem(error, '/socket.io/')
    return Object.assign(new Error(problem.code), { data: problem })
  }

  async #welcome(socket: Socket): Promise<void> {
    const { actor, expiresAt } = socket.data as SocketData
    socket.on('error', (error: unknown) => {
      // Clients may send an event of this name; what they send is nothing for the log.
      if (error instanceof Error) this.#options.log.info({ err: error }, 'socket error')
    })
    socket.on('disconnect', () => this.#watch.remove(socket.id))
    this.#watch.add(
      {
        id: socket.id,
        sessionId: actor.sessionId,
        tell: (event, payload) => socket.emit(event, payload),
        end: (reason) => endSocket(socket, { reason }),
      },
      expiresAt,
    )
    // One after the other: side by side, what a client sent first could be stored second.
    let turn = Promise.resolve()
    socket.onAny((name: unknown, ...args: unknown[]) => {
      turn = turn.then(() => this.#receive(socket, name, args))
    })
    for (const { enters } of this.#options.modules) {
      const leave = enters?.(actor, asCommandSocket(socket))
      if (leave) socket.on('disconnect', leave)
    }
    try {
      await socket.join([userRoom(actor.userId), `session_${actor.sessionId}`])
      const streams = await this.#options.streams(actor.userId)
      for (const { stream, head } of streams) this.#emitter.track({ stream, seq: head })
      await socket.join(streams.map(({ stream }) => roomOf(stream)))
      // Whoever was removed between the look and the joining was not there to be taken out.
      const readable = new Set((await this.#options.streams(actor.userId)).map(({ stream }) => stream))
      for (const { stream } of streams) if (!readable.has(stream)) await socket.leave(roomOf(stream))
      // What was decided while it came in did not reach it yet.
      await this.#judge(socket)
      if (socket.disconnected) return
      socket.emit('session.ready', {
        ...(await this.#options.welcome(actor)),
        session_id: actor.sessionId,
        server_time: this.#options.now().toISOString(),
        limits: { event_bytes: maxEventBytes, events: eventLimit.limit, per_seconds: eventLimit.windowSeconds },
      })
    } catch (error) {
      this.#options.log.error({ err: error }, 'a socket could not be welcomed')
      socket.disconnect(true)
    }
  }

  /** One answer per command: `{ok:true,data}` or `{ok:false,error}`. A command without an ack is run and not answered. */
  async #receive(socket: Socket, name: unknown, args: unknown[]): Promise<void> {
    const last = args.at(-1)
    const ack = typeof last === 'function' ? (last as (answer: unknown) => void) : () => {}
    const input = typeof args[0] === 'function' ? undefined : args[0]
    const requestId = newId()
    try {
      assertAllowed(await this.#options.limiter.take(eventLimit, socket.id))
      const entry = typeof name === 'string' ? this.#commands.get(name) : undefined
      if (!entry) throw platformErrors.not_found({ detail: 'There is no such command' })
      const { actor, client } = socket.data as SocketData
      const current = await this.#options.gate.current(actor)
      const context = { source: 'socket' as const, actor: current, client, path: entry.name, requestId }
      const run = async () => {
        this.#assertMay(current, entry.access)
        assertStorable(input)
        return entry.run(current, input ?? {}, asCommandSocket(socket))
      }
      ack({ ok: true, data: await runInContext(context, () => this.#noted(current, run)) })
    } catch (error) {
      const problem = this.#problem(error, String(name).slice(0, 100), requestId)
      ack({ ok: false, error: problem })
      if (problem.code === 'session_revoked') endSocket(socket, { reason: 'revoked' })
    }
  }

  #problem(error: unknown, instance: string, requestId = newId()) {
    const known = toAppError(error, this.#options.classify)
    if (known.status >= 500) this.#options.log.error({ err: error, request_id: requestId }, 'socket command failed')
    return toProblem(known instanceof AppError ? known : platformErrors.internal_error(), { instance, requestId })
  }

  /** Tells every socket when to come back, spread over 5 s, and closes it; the HTTP server is its owner's to close. */
  close(): void {
    this.#emitter.close()
    this.#watch.close()
    for (const socket of this.#io.of('/').sockets.values()) {
      endSocket(socket, { reason: 'shutdown', retry_after: Math.random() * 5 })
    }
    this.#io.engine.close()
  }
}

const asCommandSocket = (socket: Socket): CommandSocket => ({
  id: socket.id,
  hears: (stream) => socket.rooms.has(roomOf(stream)),
  tell: (event, payload) => void socket.emit(event, payload),
})

function endSocket(socket: Socket, payload: { reason: SocketEndReason; retry_after?: number }): void {
  socket.emit('session.ended', payload)
  socket.disconnect(true)
}
