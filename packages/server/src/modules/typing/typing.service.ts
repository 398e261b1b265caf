import type { EventBus } from '../../platform/events/event-bus.ts'
import { ephemeral } from '../../platform/realtime/ephemeral.ts'
import { roomOf } from '../../platform/realtime/stream-rooms.ts'

export interface TypingDependencies {
  bus: EventBus
  /** Those a person has blocked, or who have blocked them: they are not told. */
  hiddenFrom(userId: string): Promise<string[]>
}

/** Who does not say so again is no longer typing. */
const lastsMs = 6_000
/** Told again to those who came late; more often it says nothing new. */
const againMs = 3_000

interface Typist {
  end: NodeJS.Timeout
  toldAt: number
  /** Asked once: whoever stops is hidden from the same people. */
  hiddenFrom: readonly string[]
}

/** Who is typing in this process. Nothing of it is kept. */
export class TypingService {
  readonly #deps: TypingDependencies
  readonly #typists = new Map<string, Typist>()

  constructor(deps: TypingDependencies) {
    this.#deps = deps
  }

  async start(userId: string, conversationId: string): Promise<void> {
    const key = `${conversationId}:${userId}`
    const hiddenFrom = this.#typists.get(key)?.hiddenFrom ?? (await this.#deps.hiddenFrom(userId))
    const known = this.#typists.get(key)
    clearTimeout(known?.end)
    const end = setTimeout(() => this.stop(userId, conversationId), lastsMs)
    end.unref()
    const isNews = known === undefined || performance.now() - known.toldAt >= againMs
    const typist = { end, toldAt: isNews ? performance.now() : known.toldAt, hiddenFrom }
    this.#typists.set(key, typist)
    if (isNews) this.#tell(userId, conversationId, typist, true)
  }

  stop(userId: string, conversationId: string): void {
    const key = `${conversationId}:${userId}`
    const typist = this.#typists.get(key)
    if (!typist) return
    clearTimeout(typist.end)
    this.#typists.delete(key)
    this.#tell(userId, conversationId, typist, false)
  }

  #tell(userId: string, conversationId: string, { hiddenFrom }: Typist, on: boolean): void {
    this.#deps.bus.publish(ephemeral, {
      room: roomOf(`conversation:${conversationId}`),
      event: 'typing',
      data: { conversation_id: conversationId, user_id: userId, on },
      exceptUserIds: [userId, ...hiddenFrom],
    })
  }
}
