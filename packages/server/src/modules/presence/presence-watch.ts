import type { Actor } from '../../platform/actor.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { Logger } from '../../platform/log.ts'
import type { CommandSocket } from '../../platform/realtime/socket-module.ts'
import { type Presence, presenceChanged } from './presence.schema.ts'
import type { PresenceViews } from './presence-views.ts'

export interface PresenceWatchDependencies {
  views: PresenceViews
  bus: EventBus
  log: Logger
}

interface Watcher {
  viewerId: string
  socket: CommandSocket
  userIds: readonly string[]
  /** What each of the people watched looked like when it was told last. */
  told: Map<string, string>
}

const batchSize = 500

/**
 * Tells the sockets of this process how the people they watch are. News only wake it, and every ten seconds it looks
 * by itself: so it also finds whose process died, whose words ended, and who may no longer be seen.
 */
export class PresenceWatchers {
  readonly #deps: PresenceWatchDependencies
  readonly #watchers = new Map<string, Watcher>()
  readonly #watchersOf = new Map<string, Set<Watcher>>()
  #due = new Set<string>()
  #telling: Promise<void> | undefined

  constructor(deps: PresenceWatchDependencies) {
    this.#deps = deps
    deps.bus.subscribe(presenceChanged, ({ userIds }) => this.#wake(userIds))
  }

  /** From now on the socket is told of these people, and of no others. Answers how they are. */
  async watch({ userId: viewerId }: Actor, socket: CommandSocket, userIds: readonly string[]): Promise<Presence[]> {
    this.forget(socket.id)
    if (userIds.length === 0) return []
    const watcher: Watcher = { viewerId, socket, userIds, told: new Map() }
    this.#watchers.set(socket.id, watcher)
    for (const id of userIds) this.#watchersOf.set(id, (this.#watchersOf.get(id) ?? new Set()).add(watcher))
    const viewOf = await this.#deps.views.read([viewerId], userIds)
    return userIds.map((id) => {
      const view = viewOf(viewerId, id)
      watcher.told.set(id, JSON.stringify(view))
      return view
    })
  }

  forget(socketId: string): void {
    const watcher = this.#watchers.get(socketId)
    if (!watcher) return
    this.#watchers.delete(socketId)
    for (const id of watcher.userIds) {
      const watchers = this.#watchersOf.get(id)
      if (watchers?.delete(watcher) && watchers.size === 0) this.#watchersOf.delete(id)
    }
  }

  /** Looks at everybody who is watched here. */
  async look(): Promise<number> {
    await this.#wake([...this.#watchersOf.keys()])
    return 0
  }

  /** One reading at a time; news during one are read by the next. */
  #wake(userIds: readonly string[]): Promise<void> {
    for (const id of userIds) if (this.#watchersOf.has(id)) this.#due.add(id)
    this.#telling ??= this.#tellDue().finally(() => {
      this.#telling = undefined
    })
    return this.#telling
  }

  async #tellDue(): Promise<void> {
    // What is published in one turn of the loop is read at once.
    await new Promise(setImmediate)
    while (this.#due.size > 0) {
      const ids = [...this.#due].slice(0, batchSize)
      for (const id of ids) this.#due.delete(id)
      try {
        await this.#tell(ids)
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'presence could not be told; the next look tries again')
        return
      }
    }
  }

  async #tell(userIds: readonly string[]): Promise<void> {
    const viewers = new Set(userIds.flatMap((id) => [...(this.#watchersOf.get(id) ?? [])].map((each) => each.viewerId)))
    const viewOf = await this.#deps.views.read([...viewers], userIds)
    for (const id of userIds) {
      for (const { viewerId, socket, told } of this.#watchersOf.get(id) ?? []) {
        const view = viewOf(viewerId, id)
        const text = JSON.stringify(view)
        if (told.get(id) === text) continue
        told.set(id, text)
        socket.tell('presence.changed', view)
      }
    }
  }
}
