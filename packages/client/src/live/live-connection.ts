import type { Socket } from 'socket.io-client'
import type { Live, SignedOutReason, Unsubscribe } from '../contract.ts'
import { ApiError, NetworkError } from '../errors.ts'
import type { EphemeralData, EphemeralType, EventHandler, EventType, LiveState, StreamHandlers } from '../events.ts'
import { backoff, sleep, spread } from '../http/delays.ts'
import { Listeners } from '../listeners.ts'
import type { Envelope, Problem, SyncAnswer, SyncRequest } from '../types.ts'
import { AppHandlers } from './app-handlers.ts'
import { StreamEngine } from './stream-engine.ts'

export interface LiveOptions {
  baseUrl: string
  headers: Record<string, string> | undefined
  /** For the handshake of programs without cookies. */
  token(): string | undefined
  /** New tokens by REST, unless another tab has just seen to them. */
  renew(): Promise<void>
  /** More streams than a socket message holds go by REST. */
  syncByRest(request: SyncRequest): Promise<SyncAnswer>
  sessionEnded(reason: SignedOutReason): void
  report(error: unknown): void
}

type Ack<T> = { ok: true; data: T } | { ok: false; error: Problem }

const ackMs = 10_000
/** A server that takes connections and then says nothing is given up as one that takes none. */
const readyMs = 20_000
const mostStreamsBySocket = 1_000
const mostWaits = 5
const firstDelayMs = 500
const longestDelayMs = 15_000
/** After these the server expects us back; after all others the session is over. */
const passing = new Set(['shutdown', 'slow_consumer', 'expired'])

/** Fetched once there is somebody to connect: pages before the sign-in do without it. */
let library: typeof import('socket.io-client') | undefined

/** One socket, kept up while it is wanted; what it brings goes through the engine to the app's handlers. */
export class LiveConnection implements Live {
  readonly #options: LiveOptions
  readonly #handlers: AppHandlers
  readonly #engine: StreamEngine
  readonly #states: Listeners<[LiveState]>
  readonly #endings: Listeners<[string]>
  #state: LiveState = 'offline'
  #socket: Socket | undefined
  #wanted = false
  #signedIn = false
  #tries = 0
  /** Tokens were renewed to get in, and nothing was live since. */
  #renewed = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: LiveOptions) {
    this.#options = options
    this.#handlers = new AppHandlers(options.report)
    this.#states = new Listeners(options.report)
    this.#endings = new Listeners(options.report)
    this.#engine = new StreamEngine({
      sink: this.#handlers,
      sync: (request) => this.#sync(request),
      failed: (error) => this.#lost(error),
    })
  }

  get state(): LiveState {
    return this.#state
  }

  on<Type extends EventType>(type: Type, handler: EventHandler<Type>): Unsubscribe {
    return this.#handlers.on(type, handler)
  }

  onStreams(handlers: StreamHandlers): Unsubscribe {
    return this.#handlers.onStreams(handlers)
  }

  onEphemeral<Type extends EphemeralType>(type: Type, handler: (data: EphemeralData[Type]) => void): Unsubscribe {
    return this.#handlers.onEphemeral(type, handler)
  }

  async send<Answer>(command: string, input: object): Promise<Answer> {
    if (this.#state !== 'live') throw new NetworkError('Not connected')
    return this.#command<Answer>(command, input)
  }

  onEnded(listener: (reason: string) => void): Unsubscribe {
    return this.#endings.add(listener)
  }

  subscribe(listener: (state: LiveState) => void): Unsubscribe {
    return this.#states.add(listener)
  }

  connect(): void {
    this.#wanted = true
    this.retryNow()
  }

  disconnect(): void {
    this.#wanted = false
    this.#close()
  }

  /** Someone signed in: another session, so another socket; another person starts with nothing. */
  enter(samePerson: boolean): void {
    this.#close()
    if (!samePerson) this.#engine.clear()
    this.#signedIn = true
    this.#tries = 0
    this.#renewed = false
    this.retryNow()
  }

  leave(): void {
    this.#signedIn = false
    this.#close()
    this.#engine.clear()
  }

  /** The network came back, or somebody looks at the page again: no reason to wait any longer. */
  retryNow(): void {
    if (!this.#wanted || !this.#signedIn || this.#socket) return
    if (library) this.#open(library)
    else void this.#fetchLibrary()
  }

  async #fetchLibrary(): Promise<void> {
    clearTimeout(this.#timer)
    this.#set('connecting')
    try {
      library = await import('socket.io-client')
    } catch {
      return this.#again()
    }
    this.retryNow()
  }

  #open({ io }: typeof import('socket.io-client')): void {
    clearTimeout(this.#timer)
    const { baseUrl, headers, token } = this.#options
    const socket = io(baseUrl, {
      forceNew: true,
      reconnection: false,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      withCredentials: true,
      timeout: ackMs,
      auth: (give) => give({ token: token() }),
      ...(headers ? { extraHeaders: { ...headers } } : {}),
    })
    this.#socket = socket
    // Whatever an abandoned socket still says is not ours.
    const on = <Payload>(name: string, listener: (payload: Payload) => void) =>
      socket.on(name, (payload: Payload) => {
        if (this.#socket === socket) listener(payload)
      })
    on('connect_error', (error: Error & { data?: Problem }) => this.#refused(error))
    on('disconnect', () => this.#again())
    on('session.ready', () => void this.#catchUp())
    on('session.expiring', () => void this.#renewAccess(socket))
    on('session.ended', (end: { reason: string; retry_after?: number }) => this.#ended(end))
    socket.onAny((name: string, event: unknown) => {
      if (this.#socket !== socket) return
      if (isEnvelope(event)) this.#engine.receive(event)
      else this.#handlers.tell(name, event)
    })
    this.#timer = setTimeout(() => this.#again(), readyMs)
    this.#set('connecting')
  }

  #close(): void {
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = undefined
    socket?.disconnect()
    this.#engine.disconnected()
    this.#set('offline')
  }

  /** Comes back after a while, which grows from try to try unless the server named it. */
  #again(delayMs = backoff(this.#tries, firstDelayMs, longestDelayMs)): void {
    this.#close()
    this.#tries += 1
    this.#timer = setTimeout(() => this.retryNow(), delayMs)
  }

  #lost(error: unknown): void {
    const retryAfter = error instanceof ApiError ? error.retryAfter : undefined
    this.#again(retryAfter === undefined ? undefined : spread(retryAfter))
  }

  async #catchUp(): Promise<void> {
    const socket = this.#socket
    clearTimeout(this.#timer)
    this.#set('syncing')
    try {
      await this.#engine.connected()
      if (this.#socket !== socket) return
      this.#tries = 0
      this.#renewed = false
      this.#set('live')
    } catch (error) {
      if (this.#socket === socket) this.#lost(error)
    }
  }

  async #sync(request: SyncRequest): Promise<SyncAnswer> {
    if (Object.keys(request.streams).length > mostStreamsBySocket) return this.#options.syncByRest(request)
    for (let waits = 0; ; waits++) {
      try {
        return await this.#command<SyncAnswer>('sync', request)
      } catch (error) {
        if (waits === mostWaits || !(error instanceof ApiError) || error.code !== 'rate_limited') throw error
        await sleep(spread(error.retryAfter ?? 1))
      }
    }
  }

  async #command<T>(name: string, input: unknown): Promise<T> {
    const socket = this.#socket
    if (!socket) throw new Error('The connection was closed')
    const ack = (await socket.timeout(ackMs).emitWithAck(name, input)) as Ack<T>
    if (!ack.ok) throw new ApiError(ack.error)
    return ack.data
  }

  #refused({ data }: { data?: Problem }): void {
    if (data?.code === 'session_revoked') this.#over('revoked')
    // What else is wrong with the token, the renewal finds out: it ends the session or brings a better one.
    else if (data?.status === 401) void this.#renewAndReturn()
    else this.#lost(data && new ApiError(data))
  }

  #ended({ reason, retry_after }: { reason: string; retry_after?: number }): void {
    if (!passing.has(reason)) this.#over(reason)
    else if (reason === 'expired') void this.#renewAndReturn()
    else this.#again(retry_after === undefined ? undefined : spread(retry_after))
    this.#endings.tell(reason)
  }

  #over(reason: string): void {
    this.#close()
    this.#options.sessionEnded(reason)
  }

  async #renewAndReturn(): Promise<void> {
    const isFirst = !this.#renewed
    this.#renewed = true
    this.#again()
    try {
      await this.#options.renew()
      // Where new tokens did not help once, the backoff keeps this from becoming a storm.
      if (isFirst) this.retryNow()
    } catch (error) {
      this.#reportRefusal(error)
    }
  }

  async #renewAccess(socket: Socket): Promise<void> {
    try {
      await this.#options.renew()
      const token = this.#options.token()
      if (this.#socket === socket) await this.#command('auth.renew', token === undefined ? {} : { token })
    } catch (error) {
      // The server ends the connection in a minute; the way back renews again.
      this.#reportRefusal(error)
    }
  }

  /** An ended session has told its subscribers, an unreachable server is tried again: neither is news. */
  #reportRefusal(error: unknown): void {
    if (error instanceof ApiError && error.status !== 401) this.#options.report(error)
  }

  #set(state: LiveState): void {
    if (this.#state === state) return
    this.#state = state
    this.#states.tell(state)
  }
}

const isEnvelope = (value: unknown): value is Envelope =>
  typeof value === 'object' && value !== null && 'stream' in value && 'seq' in value
