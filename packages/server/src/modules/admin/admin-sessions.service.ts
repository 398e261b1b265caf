import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { canonicalAddress } from '../../platform/limits/network.ts'
import { listAccounts, listPublicUsers, searchKey } from '../accounts/index.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import { findSession, type SessionRow, type SessionsService, toSession } from '../sessions/index.ts'
import type { AdminSession, AdminSessionQuery } from './admin-sessions.schema.ts'
import type { AdminUsersService } from './admin-users.service.ts'

export interface AdminSessionsDependencies {
  database: DatabaseHandle
  users: AdminUsersService
  sessions: SessionsService
  audit: AuditService
  adminReads: AdminReads
  cursors: Cursors
}

const list = 'admin-sessions'
/** Whoever is meant writes more of the name where more people begin like this. */
const mostAccounts = 200

/** Where everybody is signed in. Sessions of those who stand above the caller are seen and cannot be ended. */
export class AdminSessions {
  readonly #deps: AdminSessionsDependencies

  constructor(deps: AdminSessionsDependencies) {
    this.#deps = deps
  }

  /** Throws bad_cursor. */
  async list(actor: Actor, query: AdminSessionQuery): Promise<{ data: AdminSession[]; page: Page }> {
    const { sessions, cursors, adminReads } = this.#deps
    const limit = query.limit ?? 50
    const [before] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    await adminReads.note(actor, 'session', query.user_id)
    const userIds = await this.#meant(query)
    const device = query.device?.trim().toLowerCase()
    const ip = query.ip?.trim()
    const nobody = userIds?.length === 0
    const found = nobody
      ? []
      : await sessions.listAll({
          ...{ userIds, before, limit: limit + 1 },
          ...(device ? { device } : {}),
          ...(ip ? { ip: canonicalAddress(ip) } : {}),
        })
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.id]) : null
    const page = { limit, next_cursor: next, prev_cursor: null, has_more: hasMore }
    return { data: await this.#render(actor, rows), page }
  }

  /** Throws not_found, forbidden. */
  async revoke(actor: Actor, id: string): Promise<void> {
    const { database, users, sessions, audit } = this.#deps
    const row = await findSession(database.db, id)
    if (!row || row.revoked_at !== null) throw noSuchSession()
    await users.reach(actor, row.user_id)
    const ended = await database.unitOfWork(async (uow) => {
      const count = await sessions.end(uow, { userId: row.user_id, sessionId: id }, 'revoked')
      const resource = { type: 'session', id }
      if (count > 0) await audit.record(uow.tx, { type: 'session_revoked', userId: row.user_id, resource })
      return count
    })
    if (ended === 0) throw noSuchSession()
  }

  /** The accounts that are asked for; undefined where nobody in particular is. */
  async #meant({ user_id, search }: AdminSessionQuery): Promise<string[] | undefined> {
    const prefix = searchKey(search?.trim().replace(/^@/, '')) ?? ''
    if (prefix === '') return user_id === undefined ? undefined : [user_id]
    const found = await listAccounts(this.#deps.database.db, { prefix, limit: mostAccounts })
    return found.map(({ id }) => id).filter((id) => user_id === undefined || id === user_id)
  }

  async #render(actor: Actor, rows: readonly SessionRow[]): Promise<AdminSession[]> {
    const ids = rows.map(({ user_id }) => user_id)
    const users = new Map((await listPublicUsers(this.#deps.database.db, ids)).map((user) => [user.id, user]))
    return rows.flatMap((row) => {
      const user = users.get(row.user_id)
      if (!user) return []
      return [{ ...toSession(row, actor.sessionId), user, impersonator_id: row.impersonator_id }]
    })
  }
}

const noSuchSession = () => platformErrors.not_found({ detail: 'There is no such session' })
