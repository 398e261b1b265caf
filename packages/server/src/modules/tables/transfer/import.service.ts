import { setImmediate as turn } from 'node:timers/promises'
import type { Actor } from '../../../platform/actor.ts'
import type { DatabaseHandle } from '../../../platform/db/database.ts'
import { AppError, type FieldError, platformErrors } from '../../../platform/errors.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../../platform/limits/rate-limiter.ts'
import type { ByteSource } from '../../../platform/storage/storage.ts'
import type { AuditService } from '../../audit/index.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import { prepareNew } from '../rows/row-making.ts'
import { conflictColumns, type UpsertOptions, type UpsertService } from '../rows/upsert.service.ts'
import { readerOf, writable } from '../rows/write-checks.ts'
import type { WritingService } from '../rows/writing.service.ts'
import { type FileRecord, openFile } from './file-records.ts'
import { ImportReport } from './import-report.ts'
import { type Mapping, type RowReader, rowReader } from './row-values.ts'
import type { ExportFormat as FileFormat, TableImport } from './transfer.schema.ts'

export interface ImportDependencies extends CallerAccessDependencies {
  database: DatabaseHandle
  writing: WritingService
  upserts: UpsertService
  limiter: RateLimiter
  audit: AuditService
}

export interface ImportRequest {
  table: string
  format: FileFormat
  mode: 'all' | 'batches'
  mapping: Mapping
  dryRun: boolean
  /** Rows that are there are changed, or left. */
  conflict: Pick<UpsertOptions, 'onConflict' | 'resolution'> | undefined
}

/** A row of the file as a request would send it. */
interface NewRow {
  row: number
  values: Record<string, unknown>
}

const imports: Limit = { name: 'table_imports', limit: 60, windowSeconds: 600 }
const mib = 1024 * 1024
const limits = {
  /** One transaction has to be over within its time, with all of it in memory. */
  all: { rows: 10_000, bytes: 32 * mib },
  batches: { rows: 500, bytes: 1024 * mib, failed: 1_000 },
}

/** Rows that come as a file, each as if it were sent by itself: the same rules, presets and checks. */
export class ImportService {
  readonly #deps: ImportDependencies

  constructor(deps: ImportDependencies) {
    this.#deps = deps
  }

  /**
   * `all`: with one row that cannot be, nothing is kept and validation_failed tells what is wrong, row by row. `batches`:
   * each is kept when it is written, whatever becomes of the next. A dry run tells the same and keeps nothing.
   */
  async run(actor: Actor, request: ImportRequest, source: ByteSource): Promise<TableImport> {
    assertAllowed(await this.#deps.limiter.take(imports, actor.userId))
    const file = await openFile(request.format, source, limits[request.mode].bytes)
    const access = await accessOf(this.#deps, actor)
    const view = writable(access, request.table, 'create')
    if (request.conflict) {
      conflictColumns(access, view, request.conflict.onConflict)
      if (request.conflict.resolution === 'merge') writable(access, request.table, 'update')
    }
    const { read, columns } = rowReader(view, readerOf(access, request.table), file, request.mapping)
    const report = new ImportReport(request.dryRun, columns)
    const isUpsert = request.conflict !== undefined
    const rows = usable(file.records, read, report, { access, view, isUpsert })
    try {
      if (request.mode === 'all') await this.#all(access, request, rows, report)
      else await this.#batches(actor, request, rows, report)
    } finally {
      if (report.created + report.updated > 0) await this.#record(request, report)
    }
    return report.toImport()
  }

  async #all(access: TableAccess, request: ImportRequest, rows: AsyncIterable<NewRow>, report: ImportReport) {
    const kept: NewRow[] = []
    for await (const row of rows) {
      if (report.failed === 0) kept.push(row)
      if (report.rows > limits.all.rows) {
        const detail = `More than ${limits.all.rows} rows come in with mode=batches only; nothing was imported`
        throw platformErrors.validation_failed({ detail })
      }
    }
    if (report.failed === 0 && kept.length > 0) {
      const failure = await this.#write(access, request, kept, request.dryRun, report)
      if (failure) report.add(await this.#culprit(access, request, kept, failure))
    }
    if (report.failed > 0 && !request.dryRun) throw report.toError()
  }

  async #batches(actor: Actor, request: ImportRequest, rows: AsyncIterable<NewRow>, report: ImportReport) {
    let batch: NewRow[] = []
    const flush = async () => {
      const full = batch
      batch = []
      // Rules that change in between count from the next batch on.
      if (full.length > 0) await this.#split(await accessOf(this.#deps, actor), request, full, report)
      await turn()
    }
    try {
      for await (const row of rows) {
        batch.push(row)
        if (batch.length >= limits.batches.rows) await flush()
        if (report.failed > limits.batches.failed) return report.stop('too_many_errors')
      }
      await flush()
    } catch (error) {
      // What is kept has to be told.
      const isPassing = error instanceof AppError && ['busy', 'unavailable', 'query_timeout'].includes(error.code)
      if (!isPassing || report.created === 0) throw error
      report.stop(error.code)
    }
  }

  /** All that can be of it: what is refused as a whole is tried in halves. */
  async #split(access: TableAccess, request: ImportRequest, rows: readonly NewRow[], report: ImportReport) {
    const failure = await this.#write(access, request, rows, request.dryRun, report)
    if (!failure) return
    const [first] = rows
    if (rows.length === 1 && first) return report.refused(first.row, failure)
    const middle = Math.ceil(rows.length / 2)
    await this.#split(access, request, rows.slice(0, middle), report)
    if (report.failed > limits.batches.failed) return
    await this.#split(access, request, rows.slice(middle), report)
  }

  /** The first row without which those before it would have been taken. */
  async #culprit(access: TableAccess, request: ImportRequest, rows: readonly NewRow[], failure: AppError) {
    let fine = 0
    let failing = rows.length
    let why = failure
    while (failing - fine > 1) {
      const middle = Math.floor((fine + failing) / 2)
      const found = await this.#write(access, request, rows.slice(0, middle), true)
      if (found) [failing, why] = [middle, found]
      else fine = middle
    }
    return ImportReport.problemsOf(rows[failing - 1]?.row ?? 0, why)
  }

  /** What refuses these rows; undefined when they are written, and counted in the report. */
  async #write(
    access: TableAccess,
    { table, conflict }: ImportRequest,
    rows: readonly NewRow[],
    dryRun: boolean,
    report?: ImportReport,
  ) {
    const options = { exactAsText: false, isUnread: true, maxRows: limits.all.rows, dryRun }
    const values = rows.map((row) => row.values)
    try {
      const done = conflict
        ? await this.#deps.upserts.upsertWith(access, table, values, { ...options, ...conflict })
        : await this.#deps.writing.createWith(access, table, values, options).then(() => undefined)
      if (report && !dryRun) {
        report.created += done?.created ?? rows.length
        report.updated += done?.updated ?? 0
      }
      return undefined
    } catch (error) {
      if (error instanceof AppError && error.status < 500) return conflict ? ofOneRow(error) : error
      throw error
    }
  }

  async #record({ table, mode }: ImportRequest, { created, updated, failed }: ImportReport): Promise<void> {
    const { database, audit } = this.#deps
    const detail = { mode, created, updated, failed }
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, { type: 'data_import', resource: { type: 'table', id: table }, detail }),
    )
  }
}

/** Rows that could be written, as far as one tells before the database is asked; the others go into the report. */
async function* usable(
  records: AsyncIterable<FileRecord>,
  read: RowReader,
  report: ImportReport,
  { access, view, isUpsert }: { access: TableAccess; view: TableView; isUpsert: boolean },
): AsyncGenerator<NewRow> {
  for await (const record of records) {
    report.rows++
    if ('problem' in record) {
      report.add([{ row: record.row, field: null, ...record.problem }])
      continue
    }
    try {
      const values = read(record)
      // What is there already needs less than a new row.
      if (!isUpsert) prepareNew(view, values, '', access)
      yield { row: record.row, values }
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      report.refused(record.row, error)
    }
  }
}

/** An upsert names the place of the row in what it was given; here it is found in another way. */
function ofOneRow(error: AppError): AppError {
  const errors = error.members.errors as readonly FieldError[] | undefined
  if (!errors) return error
  const own = errors.map((one) => ({ ...one, pointer: one.pointer.replace(/^\/\d+(?=\/|$)/, '') }))
  return platformErrors.validation_failed({ detail: error.message, members: { errors: own } })
}
