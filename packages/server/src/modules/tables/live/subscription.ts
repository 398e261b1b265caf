import type { Actor } from '../../../platform/actor.ts'
import type { CommandSocket } from '../../../platform/realtime/socket-module.ts'
import type { RowNews } from './row-news.ts'
import type { Wanted, Watching } from './watching.ts'

/** One table, as one socket hears it. */
export class Subscription {
  readonly id: string
  readonly socket: CommandSocket
  readonly wanted: Wanted
  actor: Actor
  watching: Watching
  /** Seq of the last event that was told, or had nothing to tell. */
  position: number
  /** Grows with every change of what may be seen: what was made before it is not told. */
  version = 0
  /** Where it was asked for again: what is missing after it now is nowhere any more. */
  askedFrom: number | undefined
  #stale = 0
  #fresh = 0

  constructor(start: Pick<Subscription, 'id' | 'socket' | 'wanted' | 'actor' | 'watching' | 'position'>) {
    this.id = start.id
    this.socket = start.socket
    this.wanted = start.wanted
    this.actor = start.actor
    this.watching = start.watching
    this.position = start.position
  }

  /** What may be seen has to be looked up again before anything is told. */
  get isStale(): boolean {
    return this.#stale !== this.#fresh
  }

  outdate(): void {
    this.#stale++
  }

  /** Called before a look at what may be seen; its answer is called after it. */
  look(): () => void {
    const stale = this.#stale
    return () => {
      this.#fresh = stale
    }
  }

  tell(news: RowNews, cursor: string): void {
    const { table, action, key, record, changed } = news
    const told = { subscription_id: this.id, table, action, key, ...(record ? { record } : {}), changed, cursor }
    this.socket.tell('data.changed', told)
  }

  tellReset(cursor: string): void {
    this.socket.tell('data.reset', { subscription_id: this.id, table: this.wanted.table, cursor })
  }

  tellEnd(): void {
    this.socket.tell('data.ended', { subscription_id: this.id, table: this.wanted.table, reason: 'revoked' })
  }
}

export class Subscriptions {
  readonly #byId = new Map<string, Subscription>()
  readonly #byTable = new Map<string, Set<Subscription>>()
  readonly #bySocket = new Map<string, Set<Subscription>>()

  add(one: Subscription): void {
    this.#byId.set(one.id, one)
    for (const [map, key] of this.#placesOf(one)) map.set(key, (map.get(key) ?? new Set()).add(one))
  }

  remove(one: Subscription): void {
    this.#byId.delete(one.id)
    for (const [map, key] of this.#placesOf(one)) {
      map.get(key)?.delete(one)
      if (map.get(key)?.size === 0) map.delete(key)
    }
  }

  has(one: Subscription): boolean {
    return this.#byId.has(one.id)
  }

  find(id: string): Subscription | undefined {
    return this.#byId.get(id)
  }

  all(): Subscription[] {
    return [...this.#byId.values()]
  }

  ofTable(table: string): Subscription[] {
    return [...(this.#byTable.get(table) ?? [])]
  }

  hasTable(table: string): boolean {
    return this.#byTable.has(table)
  }

  ofSocket(id: string): Subscription[] {
    return [...(this.#bySocket.get(id) ?? [])]
  }

  #placesOf({ wanted, socket }: Subscription): [Map<string, Set<Subscription>>, string][] {
    return [
      [this.#byTable, wanted.table],
      [this.#bySocket, socket.id],
    ]
  }
}
