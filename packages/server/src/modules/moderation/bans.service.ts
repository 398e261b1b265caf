import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import { assertAdminRemains, listPublicUsers, lockUser, setBannedUntil, type UserRow } from '../accounts/index.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { type SessionsService, userStateChanged } from '../sessions/index.ts'
import { bannableNetwork, coversAddress, endOf, forever, invalidField } from './ban-rules.ts'
import {
  type BanRow,
  bans,
  deleteBan,
  deleteEndedBan,
  findBan,
  insertBan,
  listEndedBans,
  listNetworkBans,
} from './bans.repository.ts'
import type { Ban, BanQuery, NewBan } from './moderation.schema.ts'
import type { Moderators } from './moderators.ts'
import { maxNetworkBans, type NetworkBans, networkBansChanged } from './network-bans.ts'

export interface BansDependencies {
  database: DatabaseHandle
  networkBans: NetworkBans
  moderators: Moderators
  sessions: SessionsService
  mails: MailsService
  adminReads: AdminReads
  audit: AuditService
  cursors: Cursors
  bus: EventBus
  now: Clock
  /** The account, when the caller may do everything it may. Throws not_found, forbidden. */
  reach(actor: Actor, userId: string): Promise<UserRow>
}

type Letter =
  | { template: 'account_suspended' | 'account_activated'; data: { name: string } }
  | { template: 'account_suspended_until'; data: { name: string; until: string } }

const list = 'bans'
const batch = 100

/** Shutting people and networks out, for a time or for good. It acts at once, and ends by itself. */
export class BansService {
  readonly #deps: BansDependencies

  constructor(deps: BansDependencies) {
    this.#deps = deps
  }

  /** Those in force. */
  async list(actor: Actor, query: BanQuery): Promise<{ data: Ban[]; page: Page }> {
    const { database, cursors, adminReads, now } = this.#deps
    const limit = query.limit ?? 20
    const [before] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    await adminReads.note(actor, 'ban')
    const filter = { kind: query.kind, now: now().toISOString(), before, limit: limit + 1 }
    const rows = await bans(database.db, filter).execute()
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.id]) : null
    return {
      data: await this.#render(shown),
      page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore },
    }
  }

  /** Throws not_found. */
  async get(id: string): Promise<Ban> {
    const row = await findBan(this.#deps.database.db, id)
    if (!row) throw noBan()
    const [ban] = await this.#render([row])
    return ban as Ban
  }

  /** Throws validation_failed, not_found, forbidden, last_admin, already_exists, state_conflict. */
  async create(actor: Actor, input: NewBan, client: ClientInfo): Promise<Ban> {
    const { database, now } = this.#deps
    const { user_id: userId, network } = input
    const until = endOf(input, now())
    if ((userId === undefined) === (network === undefined)) {
      throw invalidField('/user_id', 'Send one of user_id and network')
    }
    const common = { id: newId(), reason: input.reason, created_by: actor.userId, until }
    const base = { ...common, created_at: now().toISOString() }
    try {
      if (userId !== undefined) {
        await this.#banUser(actor, { ...base, subject: `user:${userId}`, user_id: userId, network: null }, userId)
      } else {
        const canonical = bannableNetwork(network ?? '')
        if (coversAddress(canonical, client.ip)) {
          throw platformErrors.state_conflict({ detail: 'Your own address is within that network' })
        }
        await this.#banNetwork({ ...base, subject: `network:${canonical}`, user_id: null, network: canonical })
      }
    } catch (error) {
      if (!database.dialect.isUniqueViolation(error, 'bans_subject')) throw error
      throw platformErrors.already_exists({ detail: 'There is a ban in force already: lift it first' })
    }
    return this.get(base.id)
  }

  async #banUser(actor: Actor, row: BanRow, userId: string): Promise<void> {
    const { database, reach, sessions } = this.#deps
    await reach(actor, userId)
    if (userId === actor.userId) throw platformErrors.state_conflict({ detail: 'Nobody bans themselves' })
    await database.unitOfWork(async (uow) => {
      await assertAdminRemains(uow.tx, database.dialect, userId)
      const user = await lockUser(uow.tx, database.dialect, userId)
      if (!user || user.status === 'deleted') throw noSuchUser()
      await deleteEndedBan(uow.tx, row.subject, row.created_at)
      await insertBan(uow.tx, row)
      await this.#shutOut(uow, user, row.until ?? forever)
      await sessions.end(uow, { userId }, 'suspended')
      await this.#tellBanned(uow, user, row.until)
      await this.#record(uow, 'ban_created', row)
    })
  }

  async #banNetwork(row: BanRow): Promise<void> {
    const { database, networkBans } = this.#deps
    await database.unitOfWork(async (uow) => {
      const known = await listNetworkBans(uow.tx, row.created_at, maxNetworkBans)
      if (known.length >= maxNetworkBans) {
        throw platformErrors.state_conflict({ detail: `At most ${maxNetworkBans} networks can be banned` })
      }
      await deleteEndedBan(uow.tx, row.subject, row.created_at)
      await insertBan(uow.tx, row)
      await this.#record(uow, 'ban_created', row)
    })
    // Before the answer: from then on nobody from there comes in here.
    await networkBans.load()
  }

  /** Lets them in again. Throws not_found, forbidden. */
  async lift(actor: Actor, id: string): Promise<void> {
    const { database, networkBans, reach } = this.#deps
    const row = await findBan(database.db, id)
    if (!row) throw noBan()
    if (row.user_id !== null) await reach(actor, row.user_id)
    await database.unitOfWork(async (uow) => {
      const user = row.user_id === null ? undefined : await lockUser(uow.tx, database.dialect, row.user_id)
      if (!(await deleteBan(uow.tx, id))) throw noBan()
      if (user) {
        await this.#shutOut(uow, user, null)
        await this.#mail(uow, user, {
          template: 'account_activated',
          data: { name: user.display_name ?? user.username },
        })
      }
      await this.#record(uow, 'ban_removed', row)
    })
    if (row.network !== null) await networkBans.load()
  }

  async #shutOut(uow: UnitOfWork, user: UserRow, until: string | null): Promise<void> {
    await setBannedUntil(uow.tx, user.id, until)
    uow.afterCommit(() => this.#deps.bus.publish(userStateChanged, { userId: user.id }))
  }

  async #record(uow: UnitOfWork, type: 'ban_created' | 'ban_removed', row: BanRow): Promise<void> {
    const { audit, bus, moderators } = this.#deps
    const userId = row.user_id ?? undefined
    const detail = { kind: row.user_id === null ? 'network' : 'user', network: row.network, until: row.until }
    await audit.record(uow.tx, { type, userId, resource: { type: 'ban', id: row.id }, detail })
    uow.afterCommit(() => {
      if (row.network !== null) bus.publish(networkBansChanged, {})
    })
    uow.afterCommit(() => moderators.tell({ what: 'ban', id: row.id }))
  }

  async #tellBanned(uow: UnitOfWork, user: UserRow, until: string | null): Promise<void> {
    const data = { name: user.display_name ?? user.username }
    if (until === null) await this.#mail(uow, user, { template: 'account_suspended', data })
    else await this.#mail(uow, user, { template: 'account_suspended_until', data: { ...data, until } })
  }

  async #mail(uow: UnitOfWork, user: UserRow, letter: Letter): Promise<void> {
    if (user.kind !== 'person') return
    await this.#deps.mails.enqueue(uow, { to: user.email, ...letter, locale: user.locale, userId: user.id })
  }

  /** Bans that have ended leave no trace but in the audit log; answers how many went. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    for (let gone = 0; ; ) {
      const ended = await listEndedBans(database.db, now().toISOString(), batch)
      for (const row of ended) if (await this.#forget(row)) gone++
      if (ended.length < batch) return gone
    }
  }

  #forget(row: BanRow): Promise<boolean> {
    const { database } = this.#deps
    return database.unitOfWork(async (uow) => {
      const user = row.user_id === null ? undefined : await lockUser(uow.tx, database.dialect, row.user_id)
      if (!(await deleteBan(uow.tx, row.id))) return false
      if (user?.banned_until === row.until) await this.#shutOut(uow, user, null)
      return true
    })
  }

  async #render(rows: readonly BanRow[]): Promise<Ban[]> {
    const ids = rows.flatMap((row) => [row.created_by, row.user_id ?? []].flat())
    const people = new Map((await listPublicUsers(this.#deps.database.db, ids)).map((user) => [user.id, user]))
    return rows.map(({ id, user_id, network, reason, until, created_by, created_at }) => ({
      ...{
        id,
        kind: user_id === null ? 'network' : 'user',
        user: user_id === null ? null : (people.get(user_id) ?? null),
      },
      ...{ network, reason, until, created_by: people.get(created_by) ?? null, created_at },
    })) as Ban[]
  }
}

const noBan = () => platformErrors.not_found({ detail: 'There is no such ban' })
const noSuchUser = () => platformErrors.not_found({ detail: 'There is no such user' })
