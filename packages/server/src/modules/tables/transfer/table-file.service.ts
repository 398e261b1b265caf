import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { bookkeepingPrefix } from '../../../platform/db/tables/catalogue.ts'
import type { NewColumn } from '../../../platform/db/tables/tables-dialect.ts'
import { AppError, platformErrors } from '../../../platform/errors.ts'
import { newId } from '../../../platform/ids.ts'
import type { ByteSource } from '../../../platform/storage/storage.ts'
import { type Snapshot, toEntry } from '../registry.ts'
import { translate } from '../rows/failures.ts'
import { insertRows } from '../rows/insert.ts'
import { assertFree, nameTaken, type TableMakingDependencies } from '../table-making.service.ts'
import { asColumn, planned } from '../table-plan.ts'
import { tablesErrors } from '../tables.errors.ts'
import type { AdminTable } from '../tables.schema.ts'
import { canonical, ValueError } from '../values.ts'
import { openFile } from './file-records.ts'
import { eachValue, type FileShape, shapeOf } from './file-shape.ts'
import { ImportReport } from './import-report.ts'
import { fromCell, withZone } from './row-values.ts'
import { spooled } from './spool.ts'
import type { FileColumns, ExportFormat as FileFormat, TablePreview } from './transfer.schema.ts'
import { textOf } from './type-guess.ts'

export interface TableFileDependencies extends TableMakingDependencies {
  dataDir: string
}

export interface TableFileRequest {
  name: string
  format: FileFormat
  asked: FileColumns
  key: readonly string[] | undefined
}

const maxBytes = 256 * 1024 * 1024
const batchRows = 500
/** A table that is being filled; nobody sees it. */
const hiddenPrefix = `${bookkeepingPrefix}new_`
const abandonedAfterMs = 24 * 3600 * 1000

/** Makes a table from a file: the whole of it is read before anything is made, and the table appears when it is full. */
export class TableFileService {
  readonly #deps: TableFileDependencies

  constructor(deps: TableFileDependencies) {
    this.#deps = deps
  }

  /** Which columns it would have. Throws validation_failed, malformed_json, payload_too_large. */
  preview(request: TableFileRequest, source: ByteSource): Promise<TablePreview> {
    return this.#shaped(request, source, async ({ preview }) => preview)
  }

  /** Throws already_exists, validation_failed with the rows it is about, read_only_source. */
  create(request: TableFileRequest, source: ByteSource): Promise<AdminTable & { rows: number }> {
    const { registry, database, exposure, audit } = this.#deps
    return this.#shaped(request, source, async (shape, read) => {
      if (shape.report.failed > 0) throw shape.report.toError()
      registry.forget(true)
      const snapshot = await registry.snapshot()
      assertFree(snapshot, request.name)
      const plan = planned(shape.table, snapshot)
      const columns = plan.columns.map((column) =>
        shape.isCounted && plan.key.includes(column.name) ? { ...column, autoIncrement: true } : column,
      )
      await this.#make(snapshot, request, { columns, key: plan.key }, (hidden) =>
        this.#fill(snapshot, hidden, columns, plan.key, shape, { format: request.format, read }),
      )
      registry.forget(true)
      const detail = { created: true, columns: columns.map(({ name }) => name), rows: shape.preview.rows }
      await database.unitOfWork(({ tx }) =>
        audit.record(tx, { type: 'system_config_changed', resource: { type: 'table', id: request.name }, detail }),
      )
      return { ...(await exposure.get(request.name)), rows: shape.preview.rows }
    })
  }

  #shaped<T>(
    { format, ...request }: TableFileRequest,
    source: ByteSource,
    work: (shape: FileShape, read: () => ByteSource) => Promise<T>,
  ): Promise<T> {
    return spooled(join(this.#deps.dataDir, 'incoming-tables'), limited(source), async (read) =>
      work(await shapeOf(await openFile(format, read(), maxBytes), request), read),
    )
  }

  /** Under a hidden name first: what is interrupted is never seen half. */
  async #make(
    { handle, dialect }: Snapshot,
    { name }: TableFileRequest,
    plan: { columns: readonly NewColumn[]; key: readonly string[] },
    fill: (hidden: string) => Promise<void>,
  ): Promise<void> {
    const { changes } = dialect
    const hidden = `${hiddenPrefix}${newId().replaceAll('-', '')}`
    const abandoned = (await changes.listTables(handle.db, hiddenPrefix)).filter(isAbandoned)
    const drop = (table: string) => handle.unitOfWork(({ tx }) => changes.dropTable(tx, table))
    try {
      for (const table of abandoned) await drop(table)
      await handle.unitOfWork(({ tx }) => dialect.createTable(tx, { name: hidden, ...plan }))
      try {
        await fill(hidden)
        await handle.unitOfWork(async ({ tx }) => {
          for (const column of plan.columns) if (column.autoIncrement) await changes.countOn(tx, hidden, column.name)
          await changes.renameTable(tx, hidden, name)
        })
      } catch (error) {
        await drop(hidden)
        throw error
      }
    } catch (error) {
      if (dialect.classify(error) === 'read_only') throw tablesErrors.read_only_source({ cause: error })
      if (/already exists|there is already/i.test((error as Error).message)) throw nameTaken()
      throw error
    }
  }

  async #fill(
    { handle, dialect }: Snapshot,
    hidden: string,
    made: readonly NewColumn[],
    key: readonly string[],
    shape: FileShape,
    { format, read }: { format: FileFormat; read: () => ByteSource },
  ): Promise<void> {
    const columns = new Map(made.map((column) => [column.name, { ...asColumn(column), ...readBack(column) }]))
    const table = { name: hidden, kind: 'table' as const, columns, key, uniques: [], foreignKeys: [], checks: [] }
    const entry = toEntry(new Map(), { ...table, writable: { insert: true, update: true, delete: true } }, {})
    const insert = async (rows: readonly { row: number; values: Map<string, string | null> }[]) => {
      try {
        const copies = () => rows.map(({ values }) => new Map(values))
        await handle.unitOfWork(({ tx }) => insertRows(tx, dialect, entry, copies()))
      } catch (error) {
        const failure = translate(error, dialect, () => {})
        if (failure instanceof AppError && failure.status < 500) throw refusal(rows[0]?.row ?? 0, rows.length, failure)
        throw error
      }
    }
    const given = new Set([...shape.targets.values()].map(({ name }) => name))
    const file = await openFile(format, read(), maxBytes)
    const report = new ImportReport(false, [])
    let batch: { row: number; values: Map<string, string | null> }[] = []
    for await (const record of file.records) {
      if ('problem' in record) continue
      report.rows++
      const values = new Map<string, string | null>()
      const problems: Parameters<ImportReport['add']>[0][number][] = []
      eachValue(file, record, (source, value, from) => {
        const column = columns.get(shape.targets.get(source)?.name ?? '')
        if (!column) return
        try {
          values.set(column.name, toText(column, value, from))
        } catch (error) {
          if (!(error instanceof ValueError)) throw error
          problems.push({ row: record.row, field: column.name, code: error.code, message: error.message })
        }
      })
      for (const name of key) {
        if (!given.has(name) || (values.get(name) ?? null) !== null) continue
        problems.push({ row: record.row, field: name, code: 'required', message: 'The key needs a value' })
      }
      if (problems.length > 0) report.add(problems)
      else batch.push({ row: record.row, values })
      if (batch.length >= batchRows && report.failed === 0) {
        await insert(batch)
        batch = []
        await turn()
      } else if (batch.length >= batchRows) batch = []
    }
    if (report.failed > 0) throw report.toError()
    if (batch.length > 0) await insert(batch)
  }
}

function refusal(row: number, count: number, error: AppError): AppError {
  const where = `Rows ${row} to ${row + count - 1}`
  const errors = [{ pointer: `/${row}`, row, field: null, code: error.code, message: `${where}: ${error.message}` }]
  return platformErrors.validation_failed({
    detail: `${where}: ${error.message}; nothing was made`,
    members: { errors },
  })
}

const readBack = ({ nullable, autoIncrement }: NewColumn) => ({ nullable, autoIncrement })

function toText(column: Column, value: unknown, from: 'csv' | 'json'): string | null {
  if (value === null || value === undefined) return null
  if (from === 'csv') {
    const given = column.type === 'text' ? value : fromCell(column, { text: String(value), isQuoted: false })
    return given === null || given === undefined ? null : canonical(column, given, 'json')
  }
  if (column.type === 'text') return canonical(column, textOf(value), 'json')
  if (column.type === 'datetime') return canonical(column, withZone(textOf(value)), 'json')
  return canonical(column, JSON.isRawJSON(value) && column.type !== 'json' ? value.rawJSON : value, 'json')
}

/** The names carry the time they were made at. */
function isAbandoned(name: string): boolean {
  const made = Number.parseInt(name.slice(hiddenPrefix.length, hiddenPrefix.length + 12), 16)
  return made < Date.now() - abandonedAfterMs
}

async function* limited(source: ByteSource): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > maxBytes) {
      const detail = `The file may have ${maxBytes / 1024 / 1024} MiB here`
      throw platformErrors.payload_too_large({ detail, members: { max_bytes: maxBytes } })
    }
    yield chunk
  }
}
