import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { findUser, listAccounts, listPublicUsers, type PublicUser, searchKey } from '../accounts/index.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import { type AllFiles, type FileRow, type FilesService, listFiles, renderFile } from '../files/index.ts'
import type { AdminFile, AdminFileList, AdminFileQuery, OwnerUsage, OwnerUsageQuery } from './admin-files.schema.ts'
import type { AdminNews } from './admin-news.ts'
import type { AdminUsersService } from './admin-users.service.ts'

export interface AdminFilesDependencies {
  database: DatabaseHandle
  files: FilesService
  allFiles: AllFiles
  adminUsers: AdminUsersService
  adminNews: AdminNews
  audit: AuditService
  adminReads: AdminReads
  cursors: Cursors
}

const list = 'admin-files'
const usageList = 'admin-file-usage'
/** Whoever is meant writes more of the name where more people begin like this. */
const mostAccounts = 200

/** Everybody’s files. What is in them stays with those who may read them anyway. */
export class AdminFiles {
  readonly #deps: AdminFilesDependencies

  constructor(deps: AdminFilesDependencies) {
    this.#deps = deps
  }

  /** Throws bad_cursor. */
  async list(actor: Actor, query: AdminFileQuery): Promise<AdminFileList> {
    const { allFiles, adminReads, cursors } = this.#deps
    const { kind, purpose, visibility, min_size: minSize, max_size: maxSize } = query
    const limit = query.limit ?? 50
    const order = query.sort === '-size' ? 'largest' : 'newest'
    const place = `${list}:${order}`
    const [id, size] = query.cursor === undefined ? [] : cursors.decode<[string, number]>(place, query.cursor)
    await adminReads.note(actor, 'file', query.owner_id)
    const ownerIds = await this.#meant(query)
    const found = await allFiles.list({
      ...{ ownerIds, kind, purpose, visibility, minSize, maxSize, order, limit: limit + 1 },
      name: query.name?.trim().toLowerCase() || undefined,
      after: id === undefined || size === undefined ? undefined : { id, size },
    })
    const shown = found.slice(0, limit)
    const last = found.length > limit ? shown.at(-1)?.row : undefined
    return {
      data: await this.#render(actor, shown),
      page: pageAfter(limit, last && cursors.encode(place, [last.id, last.size])),
      usage: { bytes: await allFiles.total(ownerIds) },
    }
  }

  /** Throws bad_cursor. */
  async listUsage(actor: Actor, query: OwnerUsageQuery): Promise<{ data: OwnerUsage[]; page: Page }> {
    const { allFiles, adminReads, cursors } = this.#deps
    const limit = query.limit ?? 50
    const [ownerId, bytes] = query.cursor === undefined ? [] : cursors.decode<[string, number]>(usageList, query.cursor)
    await adminReads.note(actor, 'file')
    const after = ownerId === undefined || bytes === undefined ? undefined : { ownerId, bytes }
    const found = await allFiles.listUsage(after, limit + 1)
    const shown = found.slice(0, limit)
    const last = found.length > limit ? shown.at(-1) : undefined
    const owners = await this.#owners(shown.map((usage) => usage.ownerId))
    return {
      data: shown.map((usage) => ({
        owner: owners.get(usage.ownerId) ?? null,
        ...{ owner_id: usage.ownerId, files: usage.files, bytes: usage.bytes },
      })),
      page: pageAfter(limit, last && cursors.encode(usageList, [last.ownerId, last.bytes])),
    }
  }

  /** For good, out of the messages and profiles that show it too. Throws not_found, forbidden, busy. */
  async remove(actor: Actor, id: string): Promise<void> {
    const { database, allFiles, adminUsers, adminNews, audit } = this.#deps
    const [known] = await listFiles(database.db, [id])
    if (!known) throw noSuchFile()
    const owner = await findUser(database.db, known.owner_id)
    if (owner && owner.status !== 'deleted') await adminUsers.reach(actor, owner.id)
    await database.unitOfWork(async (uow) => {
      const removed = await allFiles.remove(uow, id)
      if (!removed) throw noSuchFile()
      const { owner_id, name, size, purpose } = removed.row
      const resource = { type: 'file', id }
      await audit.record(uow.tx, { type: 'file_removed', userId: owner_id, resource, detail: { name, size, purpose } })
      if (removed.events.length > 0) await uow.append(removed.events)
    })
    await adminNews.tell('files')
  }

  /** The accounts that are asked for; undefined where nobody in particular is. */
  async #meant({ owner_id, owner }: AdminFileQuery): Promise<string[] | undefined> {
    const prefix = searchKey(owner?.trim().replace(/^@/, '')) ?? ''
    if (prefix === '') return owner_id === undefined ? undefined : [owner_id]
    const found = await listAccounts(this.#deps.database.db, { prefix, limit: mostAccounts })
    return found.map(({ id }) => id).filter((id) => owner_id === undefined || id === owner_id)
  }

  async #render(actor: Actor, found: readonly { row: FileRow; uses: string[] }[]): Promise<AdminFile[]> {
    const ids = found.map(({ row }) => row.id)
    const [owners, readable] = await Promise.all([
      this.#owners(found.map(({ row }) => row.owner_id)),
      this.#deps.files.listReadable(actor, ids),
    ])
    return found.map(({ row, uses }) => {
      const { sha256: _, variants, url, ...facts } = renderFile(row)
      const open = readable.has(row.id)
      const owner = owners.get(row.owner_id) ?? null
      return { ...facts, variants: open ? variants : [], url: open ? url : null, owner, used_by: uses }
    })
  }

  async #owners(ids: readonly string[]): Promise<Map<string, PublicUser>> {
    return new Map((await listPublicUsers(this.#deps.database.db, ids)).map((user) => [user.id, user]))
  }
}

const pageAfter = (limit: number, next: string | undefined): Page => ({
  ...{ limit, next_cursor: next ?? null, prev_cursor: null, has_more: next !== undefined },
})

const noSuchFile = () => platformErrors.not_found({ detail: 'There is no such file' })
