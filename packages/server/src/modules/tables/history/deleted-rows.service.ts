import type { Actor } from '../../../platform/actor.ts'
import type { DatabaseHandle } from '../../../platform/db/database.ts'
import { inBatches } from '../../../platform/db/in-batches.ts'
import { tellStep } from '../../../platform/decision-steps.ts'
import { platformErrors } from '../../../platform/errors.ts'
import type { EventBus } from '../../../platform/events/event-bus.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { accessErrors } from '../../../platform/policy.ts'
import type { AuditService } from '../../audit/index.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import { parseKeepingDigits } from '../exact-json.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import { keepsDeleted, type TableEntry } from '../registry.ts'
import { keptValue, showImages } from '../rows/image-rows.ts'
import { insertRows } from '../rows/insert.ts'
import type { ReadingService } from '../rows/reading.service.ts'
import type { RowImage } from '../rows/row-images.ts'
import { keyPath, parseKey } from '../rows/row-key.ts'
import { inRowTransaction } from '../rows/row-transaction.ts'
import { assertAllowed, readerOf, writable } from '../rows/write-checks.ts'
import { type WrittenRow, writtenRows } from '../rows/written-rows.ts'
import { tablesErrors } from '../tables.errors.ts'
import { forgetDeleted, listDeleted, lockDeleted, purgeDeleted } from './deleted.repository.ts'
import type { DeletedRow } from './deleted.schema.ts'

export interface DeletedRowsDependencies extends CallerAccessDependencies {
  database: DatabaseHandle
  reading: ReadingService
  cursors: Cursors
  audit: AuditService
  bus: EventBus
}

export interface RestoreOptions {
  exactAsText: boolean
  dryRun?: boolean | undefined
  /** Says what it has found of rows that nobody else is told of. */
  isExplained?: boolean
}

const keptDays = 30

/** Rows that were deleted from tables that keep them for a while. */
export class DeletedRowsService {
  readonly #deps: DeletedRowsDependencies

  constructor(deps: DeletedRowsDependencies) {
    this.#deps = deps
  }

  /**
   * The row is in its table again, as it was. Open to whoever may delete it. Throws not_found, forbidden, already_exists
   * where its place is taken, foreign_key_conflict where what it points to is gone.
   */
  async restore(actor: Actor, table: string, keyText: string, options: RestoreOptions): Promise<WrittenRow> {
    return this.restoreWith(await accessOf(this.#deps, actor), table, keyText, options)
  }

  async restoreWith(access: TableAccess, table: string, keyText: string, options: RestoreOptions): Promise<WrittenRow> {
    const view = writable(access, table, 'delete')
    const { entry } = view
    if (!keepsDeleted(entry) || !access.snapshot.books) throw platformErrors.not_found()
    if (!entry.table.writable.insert) throw tablesErrors.read_only_source()
    const key = parseKey(access.whole(entry), keyText)
    const reader = readerOf(access, table)
    return inRowTransaction(this.#deps, access, options.dryRun, async (db, changes) => {
      const kept = await lockDeleted(db, access.snapshot.handle.dialect, table, key)
      if (options.isExplained)
        tellStep('rule', `such a row of ${table} was deleted and is kept`, kept !== undefined, { table })
      if (!kept) throw platformErrors.not_found()
      const shows = async (by: TableView) => {
        const shown = await showImages(db, access, by, [kept.image], { fields: [], exactAsText: false })
        return shown.size > 0
      }
      // Judged before anything is done: whether its place is taken is not told to everybody.
      if (!(await shows(view))) {
        throw reader && (await shows(reader)) ? accessErrors.forbidden() : platformErrors.not_found()
      }
      await insertRows(db, access.compiling.dialect, entry, [valuesOf(entry, kept.image)])
      changes.made(entry, [key])
      await assertAllowed(db, access, entry, view.grants, [key])
      await forgetDeleted(db, table, key)
      const [written] = await writtenRows(db, access, table, [key], 1, options)
      return written as WrittenRow
    })
  }

  /** For those who may see everything. Newest first. */
  async list(
    actor: Actor,
    table: string,
    { limit = 20, cursor, exactAsText }: { limit?: number; cursor?: string | undefined; exactAsText: boolean },
  ) {
    const { access, view } = await this.#open(actor, table)
    const name = JSON.stringify(['deleted', table])
    const [at = '', hash = ''] = cursor === undefined ? [] : this.#deps.cursors.decode<string[]>(name, cursor)
    return this.#deps.reading.guarded(access, async () => {
      const { db } = access.snapshot.handle
      const before = cursor === undefined ? undefined : { at, hash }
      const found = await listDeleted(db, table, { limit: limit + 1, before })
      const rows = found.slice(0, limit)
      const images = rows.map(({ image }) => image)
      const fields = [...view.readable.values()]
      const shown = await showImages(db, access, view, images, { fields, exactAsText })
      const data = rows.map(
        (row, index): DeletedRow => ({
          key: keyPath(row.key),
          deleted_at: row.at,
          deleted_by: row.by,
          record: parseKeepingDigits(shown.get(index)?.json ?? '{}') as Record<string, unknown>,
        }),
      )
      const last = rows.at(-1)
      const hasMore = found.length > limit && last !== undefined
      const next = hasMore ? this.#deps.cursors.encode(name, [last.at, last.hash]) : null
      return { data, page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
    })
  }

  /** For good: one row, or all of the table. Throws not_found where there is none with this key. */
  async purge(actor: Actor, table: string, keyText: string | undefined): Promise<number> {
    const { access, view } = await this.#open(actor, table)
    const key = keyText === undefined ? undefined : parseKey(view, keyText)
    const { unitOfWork } = access.snapshot.handle
    const purged = await this.#deps.reading.guarded(access, () =>
      key ? unitOfWork(({ tx }) => forgetDeleted(tx, table, key)) : purgeAll(access.snapshot.handle, { table }),
    )
    if (key && purged === 0) throw platformErrors.not_found()
    await this.#deps.database.unitOfWork(({ tx }) =>
      this.#deps.audit.record(tx, {
        type: 'system_config_changed',
        resource: { type: 'table', id: table },
        detail: { purged_rows: purged },
      }),
    )
    return purged
  }

  /** What was deleted longer ago than it is kept. */
  async purgeOld(): Promise<number> {
    const { handle } = await this.#deps.registry.snapshot()
    const before = new Date(this.#deps.now().getTime() - keptDays * 86_400_000).toISOString()
    return purgeAll(handle, { before })
  }

  async #open(actor: Actor, table: string): Promise<{ access: TableAccess; view: TableView }> {
    const access = await accessOf(this.#deps, actor)
    const entry = access.snapshot.tables.get(table)
    if (!entry || !access.snapshot.books || !access.caller.isFull) throw platformErrors.not_found()
    return { access, view: access.whole(entry) }
  }
}

async function purgeAll(
  { unitOfWork }: Pick<DatabaseHandle, 'unitOfWork'>,
  which: { table: string } | { before: string },
): Promise<number> {
  return inBatches((limit) => unitOfWork(({ tx }) => purgeDeleted(tx, which, limit)))
}

/** What the database computes is left to it, but for counted keys; what the table has no column for any more is lost. */
function valuesOf({ table }: TableEntry, image: RowImage): Map<string, string | null> {
  const columns = [...table.columns.values()].filter(
    ({ name, generated, autoIncrement }) => (!generated || autoIncrement) && Object.hasOwn(image, name),
  )
  return new Map(columns.map((column) => [column.name, keptValue(column, image)]))
}
