import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Actor, ClientInfo } from '../actor.ts'
import type { DatabaseHandle } from '../db/database.ts'
import { AppError, platformErrors } from '../errors.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { EventRendering } from '../events/event-rendering.ts'
import type { ReadableStream } from '../events/readable-stream.ts'
import { type Access, refusal } from '../policy.ts'
import { Admission, Seats } from './admission.ts'
import { CommandDesk, type CommandDeskOptions, eventLimit } from './command-desk.ts'
import { connectionCommands } from './connection-commands.ts'
import { ephemeral } from './ephemeral.ts'
import { FanOut } from './fan-out.ts'
import { doorChanged, type SocketEndReason, toEndReason } from './gate.ts'
import { isOwnPage } from './handshake.ts'
import { Ongoing } from './ongoing.ts'
import { SessionWatch } from './session-watch.ts'
import { type Outgoing, type SlowSocket, SlowSockets } from './slow-sockets.ts'
import type { CommandSocket, SocketModule } from './socket-module.ts'
import { StreamEmitter } from './stream-emitter.ts'
import { everyone, roomOf, StreamRooms, streamOf, userRoom } from './stream-rooms.ts'
import { TransportDoor, type TransportDoorOptions } from './transport-door.ts'

export interface RealtimeOptions extends TransportDoorOptions, CommandDeskOptions {
  http: HttpServer
  /** Who may connect and hear what happens; each command has a rule of its own. */
  access: Access
  /** Throws forbidden for a client that is not let in, whoever it is. */
  assertWelcome(client: ClientInfo): void
  modules: readonly SocketModule[]
  /** Streams a person may read, joined at connect. */
  streams(userId: string): Promise<ReadableStream[]>
  /** What `session.ready` tells besides the session: user, epoch, unread … */
  welcome(actor: Actor): Promise<Record<string, unknown>>
  rendering: EventRendering
  database: DatabaseHandle
  bus: EventBus
}

/** A command that has begun may take so long to end after a stop. */
const finishLimitMs = 10_000
/** Of one person, at this process. */
const socketsPerUser = 10
const maxEventBytes = 64 * 1024
/** Milliseconds between looks for what was not heard of. */
const pollMs = { alone: 1_000, together: 2_000 }

interface SocketData {
  leaveSeat: () => void
  actor: Actor
  expiresAt: number
  client: ClientInfo
}

/** Socket.IO: connection, rooms and commands. Only this file, stream-rooms.ts and fan-out.ts know the library. */
export class RealtimeServer {
  readonly #io: Server
  readonly #options: RealtimeOptions
  readonly #watch: SessionWatch
  readonly #emitter: StreamEmitter
  readonly #desk: CommandDesk
  readonly #rooms: StreamRooms
  readonly #slow: SlowSockets
  readonly #admission = new Admission()
  readonly #ongoing = new Ongoing()
  #isClosed = false
  readonly #seats = new Seats(socketsPerUser)
  /** A connection that is in, or on its way, cannot come in once more. */
  readonly #entered = new WeakSet<object>()

  constructor(options: RealtimeOptions) {
    this.#options = options
    const own = connectionCommands({ ...options, renew: (socketId) => this.#watch.renew(socketId) })
    const commands = [...own, ...options.modules.flatMap((module) => module.commands)]
    this.#desk = new CommandDesk(options, commands)
    this.#watch = new SessionWatch(options)
    const door = new TransportDoor(options)
    this.#io = new Server(options.http, {
      maxHttpBufferSize: maxEventBytes,
      allowRequest: door.allowRequest,
      cors: {
        origin: (origin, decide) => decide(null, origin !== undefined && options.origins.has(origin)),
        credentials: true,
      },
      serveClient: false,
      // Who does not say who they are within this time is sent away.
      connectTimeout: 8_000,
      // A cut cable is noticed after 35 s at most.
      pingInterval: 20_000,
      pingTimeout: 15_000,
    })
    this.#io.engine.use(door.middleware)
    this.#io.engine.on('connection', door.seat)
    this.#io.use((socket, next) => {
      const isOpen = () => socket.conn.readyState === 'open'
      this.#admission
        .judge(() => this.#ongoing.add(this.#authenticate(socket)), isOpen)
        .then(
          () => next(),
          (error: unknown) => next(this.#connectError(error)),
        )
    })
    this.#io.on('connection', (socket) => {
      this.#attach(socket)
      void this.#admission.welcome(() => this.#ongoing.add(this.#welcome(socket)))
    })
    this.#slow = new SlowSockets(() => this.#outgoing())
    this.#io.engine.on('connection_error', (error: { code: number }) =>
      options.log.info({ code: error.code }, 'socket refused'),
    )
    this.#io.of('/').adapter.on('delete-room', (room: string) => this.#emitter.forget(streamOf(room)))
    options.bus.subscribe(options.gate.ended, ({ sessionIds, reason }) =>
      this.#watch.endSessions(sessionIds, toEndReason(reason)),
    )
    for (const topic of [options.gate.rightsChanged, doorChanged]) options.bus.subscribe(topic, () => this.#judgeAll())
    const fanOut = new FanOut(this.#io.of('/'))
    this.#rooms = new StreamRooms(this.#io.of('/'), fanOut, options.modules, (stream, from) =>
      this.#emitter.tellFrom(stream, from),
    )
    options.bus.subscribe(ephemeral, ({ room, event, data, exceptUserIds = [] }) => {
      fanOut.toRoom(room, exceptUserIds.map(userRoom), event, data)
    })
    this.#emitter = new StreamEmitter({
      ...options,
      pollMs: () => (options.bus.reachesOthers ? pollMs.together : pollMs.alone),
      hasListeners: (stream) => this.#io.of('/').adapter.rooms.has(roomOf(stream)),
      emit: (event, rendered) => this.#rooms.tell(event, rendered),
    })
  }

  get commandNames(): string[] {
    return this.#desk.names
  }

  /** Every command with its rule, for those who check them all. */
  get commandRules(): { name: string; access: Access }[] {
    return this.commandNames.map((name) => ({ name, access: this.#desk.accessOf(name) }))
  }

  get connections(): number {
    return this.#io.of('/').sockets.size
  }

  async #authenticate(socket: Socket): Promise<void> {
    const { headers, auth } = socket.handshake
    // Read now: of a handshake by polling nothing is left later.
    const client = this.#options.clientOf(socket.request)
    this.#options.assertWelcome(client)
    const entered = await this.#options.gate.enter({ headers, cookiesCount: isOwnPage(headers), token: auth.token })
    const { actor } = entered
    await this.#desk.admit({ actor, client }, this.#options.access)
    socket.data = { ...entered, client, leaveSeat: this.#takeSeat(socket, actor) }
  }

  #takeSeat({ conn }: Socket, { userId }: Actor): () => void {
    const giveBack = this.#entered.has(conn) ? undefined : this.#seats.take(userId)
    if (!giveBack) throw platformErrors.rate_limited({ detail: `At most ${socketsPerUser} connections per person` })
    this.#entered.add(conn)
    const leave = () => {
      giveBack()
      this.#entered.delete(conn)
    }
    // Who is gone before they are in never was a socket.
    conn.once('close', leave)
    if (conn.readyState !== 'open') leave()
    return leave
  }

  *#outgoing(): Iterable<SlowSocket> {
    for (const socket of this.#io.of('/').sockets.values()) {
      yield {
        outgoing: socket.conn as unknown as Outgoing,
        dismiss: () => {
          const { userId } = (socket.data as SocketData).actor
          this.#options.log.info({ user_id: userId }, 'a socket that does not read is closed')
          socket.emit('session.ended', { reason: 'slow_consumer' })
          for (const room of socket.rooms) void socket.leave(room)
        },
      }
    }
  }

  /** Who lost the right to listen hears no more. The session goes on, so no word of its end. */
  async #judge(socket: Socket): Promise<void> {
    try {
      const data = socket.data as SocketData
      this.#options.assertWelcome(data.client)
      const actor = await this.#options.gate.current(data.actor)
      if (refusal(actor, { access: this.#options.access }, this.#options.now())) socket.disconnect(true)
      else await this.#rooms.leaveLost(socket, () => this.#options.streams(actor.userId))
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
    const problem = this.#desk.problem(error, '/socket.io/')
    return Object.assign(new Error(problem.code), { data: problem })
  }

  #attach(socket: Socket): void {
    const { actor, expiresAt, leaveSeat } = socket.data as SocketData
    socket.on('error', (error: unknown) => {
      // Clients may send an event of this name; what they send is nothing for the log.
      if (error instanceof Error) this.#options.log.info({ err: error }, 'socket error')
    })
    socket.on('disconnect', () => {
      this.#watch.remove(socket.id)
      leaveSeat()
    })
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
      turn = turn.then(() => (this.#isClosed ? undefined : this.#ongoing.add(this.#receive(socket, name, args))))
    })
    for (const { enters } of this.#options.modules) {
      const leave = enters?.(actor, asCommandSocket(socket))
      if (leave) socket.on('disconnect', leave)
    }
  }

  async #welcome(socket: Socket): Promise<void> {
    const { actor } = socket.data as SocketData
    if (socket.disconnected || this.#isClosed) return
    try {
      await socket.join([everyone, userRoom(actor.userId), `session_${actor.sessionId}`])
      const streams = await this.#options.streams(actor.userId)
      for (const { stream, head } of streams) {
        this.#emitter.track({ stream, seq: head })
        this.#rooms.startAt(socket.id, stream, head)
      }
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

  /** One answer per command. A command without an ack is run and not answered. */
  async #receive(socket: Socket, name: unknown, args: unknown[]): Promise<void> {
    const last = args.at(-1)
    const ack = typeof last === 'function' ? (last as (answer: unknown) => void) : () => {}
    const input = typeof args[0] === 'function' ? undefined : args[0]
    const answer = await this.#desk.answer(socket.data as SocketData, name, input, asCommandSocket(socket))
    ack(answer)
    if (!answer.ok && answer.error.code === 'session_revoked') endSocket(socket, { reason: 'revoked' })
  }

  /** Tells every socket when to come back, spread over 5 s, and closes it; resolves when what was asked for has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#emitter.close()
    this.#watch.close()
    this.#slow.close()
    for (const socket of this.#io.of('/').sockets.values()) {
      endSocket(socket, { reason: 'shutdown', retry_after: Math.random() * 5 })
    }
    this.#io.engine.close()
    await this.#ongoing.settled(finishLimitMs)
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
