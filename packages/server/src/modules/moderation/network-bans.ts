import type { ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { defineTopic, type EventBus } from '../../platform/events/event-bus.ts'
import { type AddressList, addressList } from '../../platform/limits/address-list.ts'
import { accessErrors } from '../../platform/policy.ts'
import { doorChanged } from '../../platform/realtime/gate.ts'
import { listNetworkBans, type NetworkBan } from './bans.repository.ts'

/** A network was banned, or let in again, somewhere. */
export const networkBansChanged = defineTopic<Record<never, never>>('network_bans.changed', { shared: true })

export const maxNetworkBans = 1_000

/**
 * The networks that are shut out, in memory, for every request asks. Read anew when one changes anywhere and every 5 s;
 * while SQL cannot be asked, the last list counts.
 */
export class NetworkBans {
  readonly #database: DatabaseHandle
  readonly #bus: EventBus
  readonly #now: Clock
  #bans: readonly NetworkBan[] = []
  #includes: AddressList | undefined
  /** When the first of them ends; then the list is another. */
  #endsAt: string | null = null
  #begun = 0
  #shown = 0

  constructor(deps: { database: DatabaseHandle; bus: EventBus; now: Clock }) {
    this.#database = deps.database
    this.#bus = deps.bus
    this.#now = deps.now
    deps.bus.subscribe(networkBansChanged, () => this.load())
  }

  async load(): Promise<void> {
    const turn = ++this.#begun
    const bans = await listNetworkBans(this.#database.db, this.#now().toISOString(), maxNetworkBans)
    // Of two reads at once, the one that began later knows more.
    if (turn < this.#shown) return
    this.#shown = turn
    if (JSON.stringify(bans) === JSON.stringify(this.#bans)) return
    this.#show(bans)
    this.#bus.publish(doorChanged, {})
  }

  async watch(): Promise<number> {
    await this.load()
    return 0
  }

  #show(bans: readonly NetworkBan[]): void {
    this.#bans = bans
    this.#includes = bans.length === 0 ? undefined : addressList(bans.map(({ network }) => network))
    this.#endsAt = bans.map(({ until }) => until).reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null)
  }

  isBanned(address: string): boolean {
    if (!this.#includes) return false
    const now = this.#now().toISOString()
    if (this.#endsAt !== null && this.#endsAt <= now) {
      this.#show(this.#bans.filter(({ until }) => until === null || until > now))
    }
    return this.#includes?.(address) ?? false
  }

  /** Throws forbidden. */
  assertWelcome({ ip }: Pick<ClientInfo, 'ip'>): void {
    if (this.isBanned(ip)) throw accessErrors.forbidden({ detail: 'This network is shut out from here' })
  }
}
