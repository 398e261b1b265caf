import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { assertVersion } from '../../platform/http/etag.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import { ephemeral } from '../../platform/realtime/ephemeral.ts'
import { everyone } from '../../platform/realtime/stream-rooms.ts'
import { invalidFields, listPublicUsers } from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import {
  type AnnouncementRow,
  countAnnouncements,
  deleteAnnouncement,
  insertAnnouncement,
  listAnnouncements,
  listShown,
  lockAnnouncement,
  updateAnnouncement,
} from './announcements.repository.ts'
import type {
  AdminAnnouncement,
  Announcement,
  AnnouncementPatch,
  AnnouncementQuery,
  NewAnnouncement,
} from './announcements.schema.ts'

export interface AnnouncementsDependencies {
  database: DatabaseHandle
  cursors: Cursors
  audit: AuditService
  bus: EventBus
  now: Clock
}

const list = 'announcements'
/** More at once nobody reads. */
const mostShown = 5
const mostKept = 500

/** What everybody is told. */
export class Announcements {
  readonly #deps: AnnouncementsDependencies

  constructor(deps: AnnouncementsDependencies) {
    this.#deps = deps
  }

  /** Those of this moment, the newest first. */
  async shown(): Promise<Announcement[]> {
    const { database, now } = this.#deps
    return (await listShown(database.db, now().toISOString(), mostShown)).map(toAnnouncement)
  }

  /** All of them, the newest first. Throws bad_cursor. */
  async list({ limit = 20, cursor }: AnnouncementQuery): Promise<{ data: AdminAnnouncement[]; page: Page }> {
    const { database, cursors } = this.#deps
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>(list, cursor)
    const found = await listAnnouncements(database.db, { before, limit: limit + 1 })
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.id]) : null
    return { data: await this.#render(rows), page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  /** Throws validation_failed, state_conflict. */
  async create(actor: Actor, input: NewAnnouncement): Promise<AdminAnnouncement> {
    const { database, audit, now } = this.#deps
    const at = now().toISOString()
    const row: AnnouncementRow = {
      ...{ id: newId(), level: input.level ?? 'info', text: input.text.trim(), created_by: actor.userId, version: 1 },
      ...{ starts_at: toTime(input.starts_at) ?? at, ends_at: toTime(input.ends_at), created_at: at, updated_at: at },
      dismissible: (input.dismissible ?? true) ? 1 : 0,
    }
    assertOrder(row)
    await database.unitOfWork(async (uow) => {
      if ((await countAnnouncements(uow.tx)) >= mostKept)
        throw platformErrors.state_conflict({ detail: `There can be ${mostKept} of them; delete one first` })
      await insertAnnouncement(uow.tx, row)
      await audit.record(uow.tx, { type: 'announcement_created', ...about(row) })
      uow.afterCommit(() => this.#tell(row))
    })
    return this.#renderOne(row)
  }

  /** Throws not_found, precondition_failed, validation_failed. */
  async update(id: string, patch: AnnouncementPatch, expectedVersion?: number): Promise<AdminAnnouncement> {
    const { database, audit, now } = this.#deps
    const row = await database.unitOfWork(async (uow) => {
      const known = await this.#lock(uow.tx, id)
      assertVersion(expectedVersion, known.version)
      const change: Partial<AnnouncementRow> = {
        ...(patch.level === undefined ? {} : { level: patch.level }),
        ...(patch.text === undefined ? {} : { text: patch.text.trim() }),
        ...(patch.starts_at === undefined ? {} : { starts_at: toTime(patch.starts_at) ?? known.starts_at }),
        ...(patch.ends_at === undefined ? {} : { ends_at: toTime(patch.ends_at) }),
        ...(patch.dismissible === undefined ? {} : { dismissible: patch.dismissible ? 1 : 0 }),
        ...{ updated_at: now().toISOString(), version: known.version + 1 },
      }
      const changed = { ...known, ...change }
      assertOrder(changed)
      await updateAnnouncement(uow.tx, id, change)
      await audit.record(uow.tx, { type: 'announcement_updated', ...about(changed) })
      uow.afterCommit(() => this.#tell(changed))
      return changed
    })
    return this.#renderOne(row)
  }

  /** Nobody sees it from now on. Throws not_found. */
  async remove(id: string): Promise<void> {
    const { database, audit } = this.#deps
    await database.unitOfWork(async (uow) => {
      const known = await this.#lock(uow.tx, id)
      await deleteAnnouncement(uow.tx, id)
      await audit.record(uow.tx, { type: 'announcement_deleted', ...about(known) })
      uow.afterCommit(() => this.#tell(undefined))
    })
  }

  async #lock(tx: Parameters<typeof lockAnnouncement>[0], id: string): Promise<AnnouncementRow> {
    const row = await lockAnnouncement(tx, this.#deps.database.dialect, id)
    if (!row) throw platformErrors.not_found({ detail: 'There is no such announcement' })
    return row
  }

  /** To all who are connected; who comes later reads it. */
  #tell(row: AnnouncementRow | undefined): void {
    const { bus, now } = this.#deps
    bus.publish(ephemeral, { room: everyone, event: 'announcements.changed', data: {} })
    if (row && stateOf(row, now().toISOString()) === 'shown')
      bus.publish(ephemeral, { room: everyone, event: 'system.notice', data: toAnnouncement(row) })
  }

  async #renderOne(row: AnnouncementRow): Promise<AdminAnnouncement> {
    const [rendered] = await this.#render([row])
    if (!rendered) throw platformErrors.not_found()
    return rendered
  }

  async #render(rows: readonly AnnouncementRow[]): Promise<AdminAnnouncement[]> {
    const { database, now } = this.#deps
    const ids = rows.map(({ created_by }) => created_by)
    const users = new Map((await listPublicUsers(database.db, ids)).map((user) => [user.id, user]))
    const at = now().toISOString()
    return rows.map(({ dismissible, created_by, ...row }) => ({
      ...row,
      level: levelOf(row),
      dismissible: dismissible === 1,
      state: stateOf(row, at),
      created_by: users.get(created_by) ?? null,
    }))
  }
}

const levelOf = ({ level }: Pick<AnnouncementRow, 'level'>): Announcement['level'] =>
  level === 'critical' || level === 'warning' ? level : 'info'

const stateOf = ({ starts_at, ends_at }: Pick<AnnouncementRow, 'starts_at' | 'ends_at'>, at: string) => {
  if (starts_at > at) return 'coming'
  return ends_at !== null && ends_at <= at ? 'over' : 'shown'
}

const toAnnouncement = (row: AnnouncementRow): Announcement => ({
  ...{ id: row.id, level: levelOf(row), text: row.text, until: row.ends_at, version: row.version },
  dismissible: row.dismissible === 1,
})

const toTime = (text: string | null | undefined): string | null => (text ? new Date(text).toISOString() : null)

function assertOrder({ starts_at, ends_at }: AnnouncementRow): void {
  if (ends_at === null || ends_at > starts_at) return
  throw invalidFields([{ pointer: '/ends_at', code: 'invalid', message: 'It has to end after it begins' }])
}

const about = ({ id, level, text, starts_at, ends_at }: AnnouncementRow) => ({
  resource: { type: 'announcement', id },
  detail: { level, text, starts_at, ends_at },
})
