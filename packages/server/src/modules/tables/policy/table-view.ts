import { sql } from 'kysely'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { Sql } from '../../../platform/db/tables/tables-dialect.ts'
import { tellStep } from '../../../platform/decision-steps.ts'
import { compile } from '../query/compile.ts'
import type { Compiling, Condition, Field, RowSource } from '../query/condition.ts'
import { parseFilter, type RelatedScope, type Scope } from '../query/filter-parser.ts'
import { optionalOperators } from '../query/operators.ts'
import type { Relation, TableEntry } from '../registry.ts'
import type { TableAction, TableRule } from '../tables.schema.ts'

/** What one rule gives for one action; without `rows` on every row. */
export interface Grant {
  role: string
  rows: Condition | undefined
  read: ReadonlySet<string> | undefined
  write: ReadonlySet<string> | undefined
  presets: Readonly<Record<string, unknown>>
}

/** What a view asks of the caller's access as a whole. */
export interface Surroundings {
  compiling: Compiling
  macros: Scope['macros']
  /** The view of another table, undefined where its rows are not listed to this caller. */
  listed(table: string): TableView | undefined
  /** What an administrator writes into rules is asked as it stands there. */
  isOfRules?: true
}

/**
 * The one policy point: a table as one caller may use it for one action. Queries, writes, ETags and reports refer to
 * columns, relations and rows only through it, so what it does not show influences nothing.
 */
export class TableView implements Scope, RowSource {
  readonly entry: TableEntry
  readonly action: TableAction
  readonly grants: readonly Grant[]
  /** Columns that are seen, in the table's order. */
  readonly readable: ReadonlyMap<string, Field>
  readonly #around: Surroundings

  constructor(entry: TableEntry, action: TableAction, grants: readonly Grant[], around: Surroundings) {
    this.entry = entry
    this.action = action
    this.grants = grants
    this.#around = around
    const seen = [...entry.table.columns.values()].flatMap((column) => {
      const field = this.#fieldOf(column)
      return field ? [[column.name, field] as const] : []
    })
    this.readable = new Map(seen)
  }

  get table(): string {
    return this.entry.table.name
  }

  get macros(): Scope['macros'] {
    return this.#around.macros
  }

  /** Its key, where it has one; it is seen whole or the table has none for this caller. */
  get key(): readonly Field[] {
    const fields = this.entry.key.flatMap((name) => this.readable.get(name) ?? [])
    return fields.length === this.entry.key.length ? fields : []
  }

  field(name: string): Field | undefined {
    const field = this.readable.get(name)
    // What leads along a relation is asked for here first.
    if (field || !this.entry.relations.has(name.split('.', 1)[0] ?? '')) this.#tell('read', name, field !== undefined)
    return field
  }

  #tell(use: 'read' | 'write' | 'follow', name: string, isAllowed: boolean): void {
    const { table } = this
    const exists = this.entry.table.columns.has(name) || this.entry.relations.has(name)
    tellStep('field', `${use} ${table}.${exists ? name : '?'}`, isAllowed, { ...this.#asked, exists })
  }

  /** The relation and the view of its rows. */
  related(name: string): { relation: Relation; view: TableView } | undefined {
    const relation = this.entry.relations.get(name)
    const view = relation && this.#around.listed(relation.table)
    const isSeen =
      relation?.columns.every((column) => this.readable.has(column)) === true &&
      relation.references.every((column) => view?.readable.has(column))
    this.#tell('follow', name, isSeen)
    return relation && view && isSeen ? { relation, view } : undefined
  }

  relation(name: string): RelatedScope | undefined {
    const found = this.related(name)
    if (!found) return undefined
    const { relation, view } = found
    const fields = (of: TableView, names: readonly string[]) => names.flatMap((column) => of.readable.get(column) ?? [])
    return {
      columns: fields(this, relation.columns),
      references: fields(view, relation.references),
      source: view,
      scope: view,
    }
  }

  visible(alias: string, context: Compiling = this.#around.compiling): Sql | undefined {
    return anyOf(this.grants, alias, context)
  }

  /** Those that let all these columns be written, the freest first. */
  writers(columns: readonly string[]): Grant[] {
    const cost = ({ presets, rows }: Grant) => Object.keys(presets).length * 2 + (rows ? 1 : 0)
    const writers = this.grants
      .filter((grant) => columns.every((column) => this.#lets(grant, column)))
      .sort((a, b) => cost(a) - cost(b))
    if (!this.isFull) {
      const roles = writers.map(({ role }) => role)
      tellStep('rule', `one rule of ${this.table} takes all these fields`, roles.length > 0, { ...this.#asked, roles })
    }
    return writers
  }

  get #asked() {
    return { table: this.table, action: this.action }
  }

  /** The same of a field that was sent. */
  takes(column: string): boolean {
    const isAllowed = this.mayWrite(column)
    this.#tell('write', column, isAllowed)
    return isAllowed
  }

  mayWrite(column: string): boolean {
    const { table, settings } = this.entry
    const known = table.columns.get(column)
    if (!known || known.generated || known.type === 'other') return false
    if (column === settings.owner_column && !this.isFull) return false
    return this.grants.some((grant) => this.#lets(grant, column))
  }

  get isFull(): boolean {
    return this.grants.includes(unlimited)
  }

  /** What a new row is given cannot be sent. */
  #lets({ write, presets }: Grant, column: string): boolean {
    return (!write || write.has(column)) && !(this.action === 'create' && Object.hasOwn(presets, column))
  }

  #fieldOf(column: Column): Field | undefined {
    const seeing = this.grants.filter(({ read }) => !read || read.has(column.name))
    if (seeing.length === 0) return undefined
    const raw = (alias: string) => sql.id(alias, column.name)
    const isWhole = seeing.length === this.grants.length || seeing.some(({ rows }) => rows === undefined)
    const optional = this.#around.isOfRules ? optionalOperators : new Set(this.entry.settings.operators)
    if (isWhole) return { column, ref: raw, isPlain: true, optional }
    // Seen on some of the rows only: elsewhere it is as if it were null, for every use of it.
    return {
      column: { ...column, nullable: true },
      optional,
      ref: (alias) => sql`case when ${anyOf(seeing, alias, this.#around.compiling)} then ${raw(alias)} end`,
    }
  }
}

/** The rows of any of the rules; undefined: all rows. */
export function anyOf(grants: readonly Grant[], alias: string, context: Compiling): Sql | undefined {
  const conditions = grants.map(({ rows }) => rows)
  if (conditions.some((rows) => rows === undefined)) return undefined
  return compile({ kind: 'any', items: conditions.filter((rows) => rows !== undefined) }, alias, context)
}

export const unlimited: Grant = { role: '', rows: undefined, read: undefined, write: undefined, presets: {} }

/** What a rule gives, for a caller. `scope` knows all columns: rules are made by who may see them. */
export function toGrant(role: string, rule: TableRule, scope: Scope): Grant {
  const set = (names: readonly string[] | undefined) => (names ? new Set(names) : undefined)
  return {
    role,
    rows: rule.rows && Object.keys(rule.rows).length > 0 ? parseFilter(rule.rows, scope) : undefined,
    read: set(rule.fields?.read),
    write: set(rule.fields?.write),
    presets: rule.presets ?? {},
  }
}
