import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { DataTablesTable } from '../../platform/db/schema.ts'
import type { Catalogue, CatalogueTable } from '../../platform/db/tables/catalogue.ts'
import type { OpenTables, TablesSource } from '../../platform/db/tables/tables-source.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { rowStream } from './live/live.schema.ts'
import { listSettings } from './settings.repository.ts'
import { type TableSettings, tablesChanged } from './tables.schema.ts'

/** One row of the other table, or many. */
export interface Relation {
  name: string
  kind: 'one' | 'many'
  columns: readonly string[]
  table: string
  references: readonly string[]
}

/** A table with what an administrator has set for it. */
export interface TableEntry {
  table: CatalogueTable
  settings: TableSettings
  version: number
  updatedAt: string | null
  /** The primary key, or of a view the columns declared as one. */
  key: readonly string[]
  relations: ReadonlyMap<string, Relation>
}

export interface Snapshot extends OpenTables {
  tables: ReadonlyMap<string, TableEntry>
}

/** What there is and what is exposed, kept for 5 s at most: news of another process may be lost. */
export class TablesRegistry {
  readonly #database: DatabaseHandle
  readonly #source: TablesSource
  readonly #bus: EventBus
  readonly #snapshots = new MemoryCache<Snapshot>({ name: 'tables.snapshot', maxEntries: 1, maxAgeMs: 5_000 })
  /** The schema of a database seldom changes, and reading it costs many queries. */
  readonly #catalogues = new MemoryCache<Catalogue>({ name: 'tables.catalogue', maxEntries: 1, maxAgeMs: 60_000 })
  /** What was made last, and of what. */
  #entries: { catalogue: Catalogue; rows: string; tables: Snapshot['tables'] } | undefined
  #generation = 0

  constructor(deps: { database: DatabaseHandle; source: TablesSource; bus: EventBus }) {
    this.#database = deps.database
    this.#source = deps.source
    this.#bus = deps.bus
    deps.bus.subscribe(tablesChanged, ({ catalogue }) => {
      this.#generation++
      this.#snapshots.clear()
      if (catalogue) this.#catalogues.clear()
    })
  }

  async snapshot(): Promise<Snapshot> {
    const known = this.#snapshots.get('')
    if (known) return known
    const generation = this.#generation
    const opened = await this.#source.open()
    const kept = this.#catalogues.get('')
    // Read beside what is open around it: a question that fails ends no transaction, and what is not kept is not seen.
    const catalogue = kept ?? (await opened.handle.apart(() => this.#source.introspect()))
    const rows = await this.#database.apart(() => listSettings(this.#database.db))
    const tables = this.#entriesOf(catalogue, rows)
    const streams = [...tables.values()].filter(isLive).map(({ table }) => rowStream(table.name))
    await opened.books?.ensureStreams(streams)
    const snapshot = { ...opened, tables }
    if (generation === this.#generation) {
      if (!kept) this.#catalogues.set('', catalogue)
      this.#snapshots.set('', snapshot)
    }
    return snapshot
  }

  /** The same ones as before where nothing has changed: what is kept for them stays. */
  #entriesOf(catalogue: Catalogue, rows: readonly DataTablesTable[]): Snapshot['tables'] {
    const text = JSON.stringify(rows)
    if (this.#entries?.catalogue === catalogue && this.#entries.rows === text) return this.#entries.tables
    const settings = new Map(rows.map((row) => [row.name, row]))
    const tables = new Map<string, TableEntry>()
    for (const [name, table] of catalogue) {
      const row = settings.get(name)
      const parsed = row ? (JSON.parse(row.settings) as TableSettings) : {}
      tables.set(name, toEntry(catalogue, table, parsed, row))
    }
    this.#entries = { catalogue, rows: text, tables }
    return tables
  }

  /** Called after a change was committed; `catalogue`: the tables themselves may be others. */
  forget(catalogue = false): void {
    this.#bus.publish(tablesChanged, { catalogue })
  }
}

const hasRows = ({ table, key, settings }: TableEntry): boolean =>
  (settings.exposed ?? false) && table.kind === 'table' && key.length > 0

/** Its changes are told as they happen. */
export const isLive = (entry: TableEntry): boolean => (entry.settings.realtime ?? false) && hasRows(entry)

/** What its rows were like is kept. */
export const hasHistory = (entry: TableEntry): boolean => (entry.settings.revisions ?? false) && hasRows(entry)

/** What is deleted from it can be had back. */
export const keepsDeleted = (entry: TableEntry): boolean => (entry.settings.soft_delete ?? false) && hasRows(entry)

export function toEntry(
  catalogue: Catalogue | ReadonlyMap<string, { table: CatalogueTable }>,
  table: CatalogueTable,
  settings: TableSettings,
  row?: { version: number; updated_at: string },
): TableEntry {
  const others = [...catalogue.values()].map((item) => ('table' in item ? item.table : item))
  return {
    table,
    settings,
    version: row?.version ?? 0,
    updatedAt: row?.updated_at ?? null,
    key: table.key.length > 0 ? table.key : keyOfView(table, settings),
    relations: relationsOf(table, others),
  }
}

const keyOfView = (table: CatalogueTable, { key = [] }: TableSettings): readonly string[] =>
  key.every((column) => table.columns.has(column)) ? key : []

/** To one row: named after its column without _id. To many: after the table they lie in. */
function relationsOf(table: CatalogueTable, all: readonly CatalogueTable[]): Map<string, Relation> {
  const relations = new Map<string, Relation>()
  const add = (wanted: string, relation: Omit<Relation, 'name'>) => {
    const suffix = relation.kind === 'one' ? '_row' : '_rows'
    let name = wanted
    while (table.columns.has(name) || relations.has(name)) name += suffix
    relations.set(name, { ...relation, name })
  }
  const stem = (columns: readonly string[], target: string) =>
    columns.length === 1 ? (columns[0] ?? '').replace(/(_id|(?<=[a-z])Id)$/, '') || target : target
  for (const key of table.foreignKeys) {
    add(stem(key.columns, key.table), {
      kind: 'one',
      columns: key.columns,
      table: key.table,
      references: key.references,
    })
  }
  for (const other of all) {
    const pointing = other.foreignKeys.filter((key) => key.table === table.name)
    for (const key of pointing) {
      const wanted = pointing.length === 1 ? other.name : `${other.name}_by_${stem(key.columns, key.table)}`
      add(wanted, { kind: 'many', columns: key.references, table: other.name, references: key.columns })
    }
  }
  return relations
}
