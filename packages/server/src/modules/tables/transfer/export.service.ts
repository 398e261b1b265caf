import { setImmediate as turn } from 'node:timers/promises'
import type { Actor } from '../../../platform/actor.ts'
import type { DatabaseHandle } from '../../../platform/db/database.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { platformErrors } from '../../../platform/errors.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../../audit/index.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import { badFilter } from '../query/bad-filter.ts'
import { type ListQuery, parseListRequest } from '../query/list-request.ts'
import type { ReadingService } from '../rows/reading.service.ts'
import { from, orderOf, type Row, selectRows } from '../rows/select.ts'
import { exportFormats } from './export-formats.ts'
import type { ExportFormat } from './transfer.schema.ts'

export interface ExportDependencies extends CallerAccessDependencies {
  database: DatabaseHandle
  reading: ReadingService
  limiter: RateLimiter
  audit: AuditService
}

export interface ExportRequest {
  table: string
  format: ExportFormat
  query: Pick<ListQuery, 'filter' | 'short' | 'search' | 'sort' | 'fields'>
  exactAsText: boolean
}

interface Batch {
  columns: readonly Column[]
  rows: readonly Row[]
  /** Where the next one begins; undefined after the last. */
  next: readonly (string | null)[] | undefined
}

const exports: Limit = { name: 'table_exports', limit: 60, windowSeconds: 600 }
/** As many rows as make so much text are read at a time, however wide they are. */
const batchBytes = 256 * 1024
const batchRows = { first: 200, least: 20, most: 2_000 }
/** Of a table whose rows cannot be told apart, read in one statement. */
const mostWithoutKey = 10_000

/** Rows as a file, as their readers may see them: a batch at a time, so that neither memory nor transactions grow. */
export class ExportService {
  readonly #deps: ExportDependencies

  constructor(deps: ExportDependencies) {
    this.#deps = deps
  }

  /**
   * The first batch is read before this answers, so what cannot be asked is refused as in a list. A row that is there
   * all the while leaves exactly once; each batch is of one moment, later ones of later moments.
   */
  async export(actor: Actor, request: ExportRequest): Promise<{ type: string; name: string; text: Texts }> {
    const { limiter, database, audit } = this.#deps
    assertAllowed(await limiter.take(exports, actor.userId))
    const first = await this.#batch(actor, request, undefined, batchRows.first)
    const { table, format } = request
    const detail = { format, columns: first.columns.length }
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, { type: 'data_export', resource: { type: 'table', id: table }, detail }),
    )
    const name = `${table.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100)}.${format}`
    return { type: exportFormats[format].type, name, text: this.#texts(actor, request, first) }
  }

  async *#texts(actor: Actor, request: ExportRequest, first: Batch): Texts {
    const { head, row, tail } = exportFormats[request.format]
    yield head(first.columns)
    let size: number = batchRows.first
    let isFirst = true
    for (let batch = first; ; ) {
      const lines = batch.rows.map((item, index) => row(item, batch.columns, isFirst && index === 0))
      isFirst &&= lines.length === 0
      const text = lines.join('')
      if (text !== '') yield text
      if (!batch.next) break
      // SQLite answers without ever letting anybody else have a turn.
      await turn()
      const fitting = Math.round((batchBytes * lines.length) / Math.max(1, text.length))
      // Twice as many at most: the next rows may be the wide ones.
      size = Math.min(Math.max(fitting, batchRows.least), size * 2, batchRows.most)
      batch = await this.#batch(actor, request, batch.next, size)
      if (namesOf(batch) !== namesOf(first)) {
        throw platformErrors.state_conflict({ detail: 'The columns have changed meanwhile; the export ends here' })
      }
    }
    yield tail
  }

  /** Each is asked for anew with what the caller may see at that moment: rules that change in between count. */
  async #batch(
    actor: Actor,
    { table, query, format, exactAsText }: ExportRequest,
    place: Batch['next'],
    size: number,
  ): Promise<Batch> {
    const access = await accessOf(this.#deps, actor)
    const view = access.view(table, 'list')
    const { condition, selection, sort } = parseListRequest(view, query)
    if (selection.expands.length > 0) throw badFilter('An export takes columns of the table itself')
    const isTotal =
      view.key.length > 0 && view.key.every(({ column }) => sort.some(({ field }) => field.column.name === column.name))
    const { compiling: context, snapshot } = access
    const alias = context.alias()
    const limit = isTotal ? size : mostWithoutKey
    const { fields } = selection
    const { byCells } = exportFormats[format]
    const places = isTotal ? sort.map(({ field }) => field) : []
    const rows = await this.#deps.reading.guarded(access, () =>
      selectRows(
        snapshot.handle.db,
        {
          view,
          alias,
          fields: byCells ? [] : fields,
          cells: [...(byCells ? fields : []), ...places],
          where: [...from(condition, sort, place, { alias, context }), view.visible(alias)],
          order: sort.length > 0 ? orderOf(sort, alias, context) : undefined,
          limit: limit + 1,
          exactAsText,
        },
        context,
      ),
    )
    const hasMore = rows.length > limit
    if (hasMore && !isTotal) {
      throw badFilter(`Without a key that is seen, ${mostWithoutKey} rows leave at once: narrow it down with a filter`)
    }
    const shown = rows.slice(0, limit)
    const next = hasMore ? shown.at(-1)?.cells.slice(byCells ? fields.length : 0) : undefined
    return { columns: fields.map(({ column }) => column), rows: shown, next }
  }
}

export type Texts = AsyncGenerator<string, void, void>

const namesOf = ({ columns }: Batch): string => JSON.stringify(columns.map(({ name }) => name))
