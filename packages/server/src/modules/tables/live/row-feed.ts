import type { Actor } from '../../../platform/actor.ts'
import type { DatabaseHandle } from '../../../platform/db/database.ts'
import type { Bookkeeping } from '../../../platform/db/tables/bookkeeping.ts'
import { AppError, platformErrors } from '../../../platform/errors.ts'
import type { EventBus, Topic } from '../../../platform/events/event-bus.ts'
import { type AppendedEvent, readBounds } from '../../../platform/events/streams.ts'
import { newId } from '../../../platform/ids.ts'
import type { Logger } from '../../../platform/log.ts'
import { accessErrors, grants } from '../../../platform/policy.ts'
import type { CommandSocket } from '../../../platform/realtime/socket-module.ts'
import { StreamEmitter } from '../../../platform/realtime/stream-emitter.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import { tablesChanged } from '../tables.schema.ts'
import { type DataSubscribed, type DataSubscription, rowStream } from './live.schema.ts'
import type { LiveCursors } from './live-cursors.ts'
import { type RowNews, rowNews } from './row-news.ts'
import { Subscription, Subscriptions } from './subscription.ts'
import { type Wanted, type Watching, watchingOf } from './watching.ts'

export interface RowFeedDependencies extends CallerAccessDependencies {
  cursors: LiveCursors
  bus: EventBus
  log: Logger
  /** The caller as of now. Throws when the session no longer counts. */
  current(actor: Actor): Promise<Actor>
  /** What somebody may do has changed. */
  rightsChanged: Topic<Record<never, never>>
}

/** What one event is to those who hear the table; absent: nothing to tell. */
type Rendered = ReadonlyMap<Subscription, { version: number; news: RowNews | undefined }>

const perSocket = 50
/** Groups of subscribers that are asked for at the same time. */
const abreast = 4
const pollMs = { alone: 1_000, together: 2_000 }

/** Tells changes of rows to the sockets of this process that asked for them, each by its own rules. */
export class RowFeed {
  readonly #deps: RowFeedDependencies
  readonly #subscriptions = new Subscriptions()
  readonly #sockets = new Set<string>()
  readonly #unsubscribe: (() => void)[]
  #emitter: StreamEmitter<Rendered> | undefined

  constructor(deps: RowFeedDependencies) {
    this.#deps = deps
    const judge = () => void this.#judgeAll()
    this.#unsubscribe = [deps.bus.subscribe(tablesChanged, judge), deps.bus.subscribe(deps.rightsChanged, judge)]
  }

  /** Throws not_found, forbidden, bad_filter, state_conflict, rate_limited. */
  async subscribe(
    actor: Actor,
    { cursor, ...wanted }: DataSubscription,
    socket: CommandSocket,
  ): Promise<DataSubscribed> {
    if (this.#subscriptions.ofSocket(socket.id).length >= perSocket) {
      throw platformErrors.rate_limited({ detail: `At most ${perSocket} subscriptions on one connection` })
    }
    const watching = await this.watch(actor, wanted)
    const books = watching.access.snapshot.books as Bookkeeping
    const { position, isReset } = await this.placeOf(watching, cursor)
    const one = new Subscription({ id: newId(), socket, wanted, actor, watching, position })
    this.#emitter ??= this.#makeEmitter(books.handle)
    // Gone while it was asking.
    if (!this.#sockets.has(socket.id)) throw platformErrors.state_conflict({ detail: 'The connection has ended' })
    this.#subscriptions.add(one)
    // Whoever asked hears of the subscription first.
    setImmediate(() => this.#tellFrom(one))
    return { subscription_id: one.id, cursor: this.#deps.cursors.seal(watching, position), reset: isReset }
  }

  unsubscribe(id: string, socket: CommandSocket): void {
    const one = this.#subscriptions.find(id)
    if (one?.socket.id === socket.id) this.#subscriptions.remove(one)
  }

  enter(socket: CommandSocket): void {
    this.#sockets.add(socket.id)
  }

  leave(socket: CommandSocket): void {
    this.#sockets.delete(socket.id)
    for (const one of this.#subscriptions.ofSocket(socket.id)) this.#subscriptions.remove(one)
  }

  async watch(actor: Actor, wanted: Wanted): Promise<Watching> {
    if (!grants(actor.permissions, 'data:read')) throw accessErrors.forbidden()
    return watchingOf(await accessOf(this.#deps, actor), wanted)
  }

  /** Where a cursor stands; at the newest event, where it says nothing any more. */
  async placeOf(watching: Watching, cursor: string | undefined): Promise<{ position: number; isReset: boolean }> {
    const books = watching.access.snapshot.books as Bookkeeping
    const { head, tail } = await readBounds(books.handle.db, rowStream(watching.wanted.table))
    const position = cursor === undefined ? head : this.#deps.cursors.open(watching, cursor)
    const isKept = position !== undefined && position <= head && position >= tail - 1
    return isKept ? { position, isReset: false } : { position: head, isReset: true }
  }

  close(): void {
    this.#emitter?.close()
    for (const stop of this.#unsubscribe) stop()
  }

  #makeEmitter(database: DatabaseHandle): StreamEmitter<Rendered> {
    const { bus, log } = this.#deps
    return new StreamEmitter<Rendered>({
      ...{ database, bus, log },
      rendering: { render: (_, events) => this.#render(events) },
      hasListeners: (stream) => this.#subscriptions.hasTable(tableOf(stream)),
      emit: (event, rendered) => this.#emit(event, rendered),
      pollMs: () => (bus.reachesOthers ? pollMs.together : pollMs.alone),
    })
  }

  /** All of one stream. */
  async #render(events: readonly AppendedEvent[]): Promise<Rendered[]> {
    const rendered = events.map(() => new Map<Subscription, { version: number; news: RowNews | undefined }>())
    const last = events.at(-1)
    if (!last) return rendered
    const behind = this.#subscriptions.ofTable(tableOf(last.stream)).filter(({ position }) => position < last.seq)
    await Promise.all(behind.map((one) => this.#judge(one)))
    const groups = [
      ...Map.groupBy(
        behind.filter((one) => this.#subscriptions.has(one)),
        ({ watching }) => watching.group,
      ).values(),
    ]
    const next = async (): Promise<void> => {
      const members = groups.pop()
      if (!members?.[0]) return
      const versions = members.map(({ version }) => version)
      // Made anew each time: time goes on, and every statement begins with the same names.
      const watching = await this.watch(members[0].actor, members[0].wanted)
      if (watching.print !== members[0].watching.print) return next()
      const news = await rowNews(watching, events)
      for (const [index, told] of rendered.entries()) {
        for (const [at, one] of members.entries()) told.set(one, { version: versions[at] ?? 0, news: news[index] })
      }
      return next()
    }
    await Promise.all(Array.from({ length: abreast }, next))
    return rendered
  }

  #emit(event: AppendedEvent, rendered: Rendered): void {
    for (const one of this.#subscriptions.ofTable(tableOf(event.stream))) {
      if (one.position >= event.seq) continue
      const made = rendered.get(one)
      // It came, or its rules changed, while this was made: it is made again for it.
      if (!made || made.version !== one.version || one.isStale) this.#again(one)
      else if (one.position + 1 < event.seq) this.#missing(one, event.seq)
      else {
        one.position = event.seq
        if (made.news) one.tell(made.news, this.#deps.cursors.seal(one.watching, event.seq))
      }
    }
  }

  /** Events before this one did not come. If they do not when asked for, they are purged: what is held is worth nothing. */
  #missing(one: Subscription, seq: number): void {
    if (one.askedFrom !== one.position) {
      this.#again(one)
      return
    }
    one.position = seq
    one.tellReset(this.#deps.cursors.seal(one.watching, seq))
  }

  #again(one: Subscription): void {
    setImmediate(() => this.#tellFrom(one))
  }

  #tellFrom(one: Subscription): void {
    if (!this.#subscriptions.has(one)) return
    one.askedFrom = one.position
    this.#emitter?.tellFrom(rowStream(one.wanted.table), one.position)
  }

  /** At once, also for those of whose tables nothing is told. */
  async #judgeAll(): Promise<void> {
    const all = this.#subscriptions.all()
    for (const one of all) one.outdate()
    while (all.length > 0) await Promise.allSettled(all.splice(0, 50).map((one) => this.#judge(one)))
  }

  /** Every few seconds: rules that another process has changed are read, also without news of it. */
  async lookAgain(): Promise<number> {
    for (const one of this.#subscriptions.all()) await this.#judge(one)
    return 0
  }

  /** Brings what may be seen up to date; ends a subscription whose table is closed now. */
  async #judge(one: Subscription): Promise<void> {
    const { isStale } = one
    if (!isStale && one.watching.access.snapshot === (await this.#deps.registry.snapshot())) return
    const looked = one.look()
    try {
      if (isStale) one.actor = await this.#deps.current(one.actor)
      const watching = await this.watch(one.actor, one.wanted)
      const isSame = watching.print === one.watching.print
      one.watching = watching
      one.version++
      looked()
      if (!isSame && this.#subscriptions.has(one)) one.tellReset(this.#deps.cursors.seal(watching, one.position))
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      this.#end(one)
    }
  }

  #end(one: Subscription): void {
    if (!this.#subscriptions.has(one)) return
    this.#subscriptions.remove(one)
    one.tellEnd()
  }
}

const tableOf = (stream: string): string => stream.slice(rowStream('').length)
