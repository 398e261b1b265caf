import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { SocketEndReason, SocketGate } from './gate.ts'

/** What the watch needs of a connected socket. */
export interface WatchedSocket {
  id: string
  sessionId: string
  tell(event: string, payload: unknown): void
  end(reason: SocketEndReason): void
}

export interface SessionWatchOptions {
  gate: SocketGate
  log: Logger
  now: Clock
}

/** Where news do not arrive, an ended session is closed within 5 s: a second of them is for the looking. */
const recheckMs = 4_000
const warnSeconds = 60
/** setTimeout takes 32 bits. */
const maxTimerMs = 2 ** 31 - 1

/** Ends sockets whose session ended, wherever it was ended, and those whose access was not renewed in time. */
export class SessionWatch {
  readonly #options: SessionWatchOptions
  readonly #sockets = new Map<string, { socket: WatchedSocket; timer: NodeJS.Timeout | undefined }>()
  readonly #recheck: NodeJS.Timeout

  constructor(options: SessionWatchOptions) {
    this.#options = options
    this.#recheck = setInterval(() => void this.#recheckAll(), recheckMs)
    this.#recheck.unref()
  }

  add(socket: WatchedSocket, expiresAt: number): void {
    this.#sockets.set(socket.id, { socket, timer: undefined })
    this.#schedule(socket.id, expiresAt)
  }

  remove(socketId: string): void {
    clearTimeout(this.#sockets.get(socketId)?.timer)
    this.#sockets.delete(socketId)
  }

  /** Reads again when the session's access ends, after a renewal by REST or by `auth.renew`. */
  async renew(socketId: string): Promise<number | undefined> {
    const entry = this.#sockets.get(socketId)
    if (!entry) return undefined
    const expiresAt = await this.#options.gate.accessExpiry(entry.socket.sessionId)
    if (expiresAt === undefined) entry.socket.end('revoked')
    else this.#schedule(socketId, expiresAt)
    return expiresAt
  }

  endSessions(sessionIds: readonly string[], reason: SocketEndReason): void {
    const ended = new Set(sessionIds)
    for (const { socket } of [...this.#sockets.values()]) if (ended.has(socket.sessionId)) socket.end(reason)
  }

  close(): void {
    clearInterval(this.#recheck)
    for (const { timer } of this.#sockets.values()) clearTimeout(timer)
    this.#sockets.clear()
  }

  #secondsLeft(expiresAt: number): number {
    return expiresAt - this.#options.now().getTime() / 1000
  }

  #schedule(socketId: string, expiresAt: number): void {
    const entry = this.#sockets.get(socketId)
    if (!entry) return
    clearTimeout(entry.timer)
    const left = this.#secondsLeft(expiresAt)
    const wait = left > warnSeconds ? left - warnSeconds : Math.max(0, left)
    entry.timer = setTimeout(() => void this.#due(socketId, expiresAt), Math.min(wait * 1000, maxTimerMs))
    entry.timer.unref()
  }

  /** SQL knows of a renewal made elsewhere; only what was really not renewed is warned, then ended. */
  async #due(socketId: string, expected: number): Promise<void> {
    const entry = this.#sockets.get(socketId)
    if (!entry) return
    try {
      const expiresAt = await this.#options.gate.accessExpiry(entry.socket.sessionId)
      if (expiresAt === undefined) return entry.socket.end('revoked')
      const left = this.#secondsLeft(expiresAt)
      if (left <= 0) return entry.socket.end('expired')
      if (expiresAt <= expected && left <= warnSeconds) entry.socket.tell('session.expiring', { in: Math.ceil(left) })
      this.#schedule(socketId, expiresAt)
    } catch (error) {
      this.#options.log.warn({ err: error }, 'a session could not be checked')
      this.#schedule(socketId, expected)
    }
  }

  async #recheckAll(): Promise<void> {
    const sessionIds = [...new Set([...this.#sockets.values()].map(({ socket }) => socket.sessionId))]
    try {
      for (let first = 0; first < sessionIds.length; first += 500) {
        this.endSessions(await this.#options.gate.listEnded(sessionIds.slice(first, first + 500)), 'revoked')
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'sessions of open sockets could not be checked')
    }
  }
}
