import type { Actor } from '../../platform/actor.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { assertAllowed, type Limit } from '../../platform/limits/rate-limiter.ts'
import { accessErrors } from '../../platform/policy.ts'
import { searchKey, userStream, usersNamed } from '../accounts/index.ts'
import { memberOf } from './access.ts'
import {
  type Ban,
  conversationUpdated,
  type Member,
  type MemberQuery,
  type MemberRole,
  type NewMember,
  type PlaceQuery,
} from './conversation.schema.ts'
import { findMember, type MemberRow, updateMember } from './conversations.repository.ts'
import type { Departures } from './departures.service.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { countOwners, deleteBan, findBan, insertBan, listBans, listMembers } from './members.repository.ts'
import {
  admit,
  assertAbove,
  assertAdministrator,
  assertMayAdd,
  assertMayGive,
  dismiss,
  holdRoom,
  memberEvent,
} from './membership.ts'
import { lastOwner } from './messaging.errors.ts'
import { departed, peopleById } from './rendering.ts'

const memberList = 'members'
const banList = 'bans'
const addLimit: Limit = { name: 'new-members', limit: 300, windowSeconds: 3_600 }
const noMember = () => platformErrors.not_found({ detail: 'There is no such member' })

/** Who is in a group or channel, and with which role. */
export class MembersService {
  readonly #deps: MessagingDependencies
  readonly #departures: Departures

  constructor(deps: MessagingDependencies, departures: Departures) {
    this.#deps = deps
    this.#departures = departures
  }

  /** Throws not_found, not_a_member, bad_cursor. */
  async list(actor: Actor, conversationId: string, query: MemberQuery): Promise<{ data: Member[]; page: Page }> {
    const { db } = this.#deps.database
    await memberOf(db, conversationId, actor.userId)
    const prefix = searchKey(query.search?.trim().replace(/^@/, ''))
    const among = prefix ? usersNamed(db, prefix) : undefined
    const { rows, page } = await this.#page(memberList, query, (place) =>
      listMembers(db, conversationId, { ...place, among }),
    )
    return { data: await this.#rendered(rows), page }
  }

  /** Throws not_found, forbidden, messaging_not_allowed, already_exists, state_conflict, rate_limited. */
  async add(actor: Actor, conversationId: string, input: NewMember): Promise<Member> {
    const { database, limiter } = this.#deps
    await memberOf(database.db, conversationId, actor.userId)
    assertAllowed(await limiter.take(addLimit, actor.userId))
    const { user_id: userId, role = 'member' } = input
    await database.unitOfWork(async (uow) => {
      const held = await holdRoom(uow, database, conversationId, actor.userId, [userId])
      assertAdministrator(held.actor)
      assertMayGive(held.actor, role)
      if (userId === actor.userId || held.others.length > 0) {
        throw platformErrors.already_exists({ detail: 'This person is a member already' })
      }
      await assertMayAdd(uow.tx, this.#deps, actor.userId, [userId])
      if (await findBan(uow.tx, conversationId, userId)) {
        throw platformErrors.state_conflict({ detail: 'This person is banned here; lift the ban first' })
      }
      await admit(uow, this.#deps, held.conversation, { userId, role, action: 'added', by: actor.userId })
    })
    return this.#member(actor, conversationId, userId)
  }

  /** Throws not_found, forbidden, state_conflict for the last owner. */
  async changeRole(actor: Actor, conversationId: string, userId: string, role: MemberRole): Promise<Member> {
    const { database } = this.#deps
    await memberOf(database.db, conversationId, actor.userId)
    await database.unitOfWork(async (uow) => {
      const held = await holdRoom(uow, database, conversationId, actor.userId, [userId])
      const isOwn = userId === actor.userId
      const member = isOwn ? held.actor : held.others[0]
      if (!member) throw noMember()
      if (!isOwn) assertAbove(held.actor, member)
      if (member.role === role) return
      // Stepping down needs nobody's leave.
      if (!isOwn || role !== 'member') assertMayGive(held.actor, role)
      const isLast = member.role === 'owner' && (await countOwners(uow.tx, conversationId)) === 1
      if (isLast) throw lastOwner()
      await updateMember(uow.tx, { conversationId, userId }, { role })
      const refs = { conversation_id: conversationId, user_id: userId }
      await uow.append([
        memberEvent(conversationId, { userId, action: 'role', by: actor.userId, role }),
        { stream: userStream(userId), type: conversationUpdated.type, refs },
      ])
    })
    return this.#member(actor, conversationId, userId)
  }

  /** Leaving, when it is oneself. Throws not_found, forbidden, state_conflict for the last owner. */
  async remove(actor: Actor, conversationId: string, userId: string, ban: boolean): Promise<void> {
    const { database, now } = this.#deps
    if (userId === actor.userId) {
      if (ban) throw accessErrors.forbidden({ detail: 'Nobody bans themselves' })
      return this.#departures.leave(actor, conversationId)
    }
    await memberOf(database.db, conversationId, actor.userId)
    await database.unitOfWork(async (uow) => {
      const held = await holdRoom(uow, database, conversationId, actor.userId, [userId])
      assertAdministrator(held.actor)
      const [member] = held.others
      // Who has left before can be banned still.
      if (!member && (!ban || (await peopleById(uow.tx, [userId])).size === 0)) throw noMember()
      if (member) assertAbove(held.actor, member)
      if (ban && !(await findBan(uow.tx, conversationId, userId))) {
        const created_at = now().toISOString()
        const row = { conversation_id: conversationId, user_id: userId, banned_by: actor.userId, created_at }
        await insertBan(uow.tx, row)
        await this.#record(uow, 'conversation_ban_created', conversationId, userId)
      }
      if (!member) return
      const action = ban ? 'banned' : 'removed'
      await uow.append(await dismiss(uow.tx, conversationId, { userId, action, by: actor.userId }))
    })
  }

  /** Throws not_found, forbidden, bad_cursor. */
  async bans(actor: Actor, conversationId: string, query: PlaceQuery): Promise<{ data: Ban[]; page: Page }> {
    const { db } = this.#deps.database
    assertAdministrator(await memberOf(db, conversationId, actor.userId))
    const { rows, page } = await this.#page(banList, query, (place) => listBans(db, conversationId, place))
    const people = await peopleById(
      db,
      rows.map(({ user_id }) => user_id),
    )
    const data = rows.map(({ user_id, banned_by, created_at }) => ({
      user: people.get(user_id) ?? departed(user_id, created_at),
      banned_by,
      created_at,
    }))
    return { data, page }
  }

  /** Throws not_found, forbidden. */
  async liftBan(actor: Actor, conversationId: string, userId: string): Promise<void> {
    const { database } = this.#deps
    await memberOf(database.db, conversationId, actor.userId)
    await database.unitOfWork(async (uow) => {
      const held = await holdRoom(uow, database, conversationId, actor.userId)
      assertAdministrator(held.actor)
      const lifted = await deleteBan(uow.tx, conversationId, userId)
      if (!lifted) throw platformErrors.not_found({ detail: 'This person is not banned here' })
      await this.#record(uow, 'conversation_ban_removed', conversationId, userId)
    })
  }

  async #record(
    uow: UnitOfWork,
    type: 'conversation_ban_created' | 'conversation_ban_removed',
    conversationId: string,
    userId: string,
  ): Promise<void> {
    await this.#deps.audit.record(uow.tx, { type, userId, resource: { type: 'conversation', id: conversationId } })
  }

  async #page<Row extends { user_id: string }>(
    list: string,
    query: PlaceQuery,
    read: (place: { after: string | undefined; limit: number }) => Promise<Row[]>,
  ): Promise<{ rows: Row[]; page: Page }> {
    const { cursors } = this.#deps
    const limit = query.limit ?? 20
    const [after] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    const found = await read({ after, limit: limit + 1 })
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const has_more = found.length > limit && last !== undefined
    const next_cursor = has_more ? cursors.encode(list, [last.user_id]) : null
    return { rows, page: { limit, next_cursor, prev_cursor: null, has_more } }
  }

  async #member(actor: Actor, conversationId: string, userId: string): Promise<Member> {
    const { db } = this.#deps.database
    await memberOf(db, conversationId, actor.userId)
    const row = await findMember(db, conversationId, userId)
    const [member] = await this.#rendered(row ? [row] : [])
    if (!member) throw noMember()
    return member
  }

  async #rendered(rows: readonly MemberRow[]): Promise<Member[]> {
    const people = await peopleById(
      this.#deps.database.db,
      rows.map(({ user_id }) => user_id),
    )
    return rows.map(({ user_id, role, joined_at }) => ({
      user: people.get(user_id) ?? departed(user_id, joined_at),
      role: role as MemberRole,
      joined_at,
    }))
  }
}
