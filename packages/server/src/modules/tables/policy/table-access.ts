import { tellStep } from '../../../platform/decision-steps.ts'
import { platformErrors } from '../../../platform/errors.ts'
import { accessErrors } from '../../../platform/policy.ts'
import { compiling } from '../query/condition.ts'
import type { StandIns } from '../query/stand-ins.ts'
import type { Snapshot, TableEntry } from '../registry.ts'
import { type TableAction, tableActions } from '../tables.schema.ts'
import { type Grant, type Surroundings, TableView, toGrant, unlimited } from './table-view.ts'

/** Who asks, as rules know callers. */
export interface Caller {
  userId: string
  /** With those they inherit from. */
  roles: readonly string[]
  /** Needs no rule. */
  isFull: boolean
}

/** All a caller may do with tables, for the time of one request. */
export class TableAccess {
  readonly snapshot: Snapshot
  readonly caller: Caller
  readonly compiling: Surroundings['compiling']
  readonly macros: Surroundings['macros']
  readonly #views = new Map<string, TableView | undefined>()

  /** With `standIns` it is the access of whoever has these roles, for statements that are written once for all of them. */
  constructor(snapshot: Snapshot, caller: Caller, now: Date, standIns?: StandIns) {
    this.snapshot = snapshot
    this.caller = caller
    this.compiling = compiling(snapshot.dialect, snapshot.handle.db)
    this.macros = { me: caller.userId, now, standIns }
  }

  /** Throws not_found for a table that is none of theirs, forbidden for an action that is not. */
  view(table: string, action: TableAction): TableView {
    const view = this.find(table, action)
    if (view) return view
    throw this.actions(table).length > 0 ? accessErrors.forbidden() : platformErrors.not_found()
  }

  find(table: string, action: TableAction): TableView | undefined {
    const known = `${action} ${table}`
    if (this.#views.has(known)) return this.#views.get(known)
    // While its own rules are read, a table is looked up again by the relations in them.
    this.#views.set(known, undefined)
    const view = this.#make(table, action)
    this.#views.set(known, view)
    return view
  }

  /** What is open to the caller at all, as far as the database itself lets anybody. */
  actions(table: string): TableAction[] {
    const entry = this.#exposed(table)
    return entry ? tableActions.filter((action) => this.#rulesFor(entry, action).length > 0) : []
  }

  /** A view of everything, for rules, and for what the server itself has to know. */
  whole(entry: TableEntry): TableView {
    return new TableView(entry, 'list', [unlimited], {
      ...this.#around,
      isOfRules: true,
      listed: (name) => {
        const other = this.snapshot.tables.get(name)
        return other ? this.whole(other) : undefined
      },
    })
  }

  get #around(): Surroundings {
    return {
      compiling: this.compiling,
      macros: this.macros,
      listed: (name) => this.find(name, 'list'),
    }
  }

  #make(table: string, action: TableAction): TableView | undefined {
    const entry = this.#exposed(table)
    this.#tell(table, action, entry)
    if (!entry) return undefined
    const grants = this.#grantsFor(entry, action)
    return grants.length > 0 ? new TableView(entry, action, grants, this.#around) : undefined
  }

  #tell(table: string, action: TableAction, entry: TableEntry | undefined): void {
    if (!entry) tellStep('rule', 'the table is exposed', false, { table })
    else if (this.caller.isFull) tellStep('role', 'data:manage', true, { table, action })
    if (!entry || this.caller.isFull) return
    const open = this.#rulesFor(entry, action)
    if (this.caller.roles.length === 0) tellStep('role', `${action} ${table}`, false, { table, action, role: null })
    for (const role of this.caller.roles) {
      tellStep('role', `${action} ${table}`, open.includes(role), { table, action, role })
    }
  }

  #exposed(table: string): TableEntry | undefined {
    const entry = this.snapshot.tables.get(table)
    return entry?.settings.exposed ? entry : undefined
  }

  #rulesFor({ settings }: TableEntry, action: TableAction): string[] {
    if (this.caller.isFull) return ['']
    const { rules = {} } = settings
    return this.caller.roles.filter((role) => Object.hasOwn(rules, role) && rules[role]?.actions.includes(action))
  }

  #grantsFor(entry: TableEntry, action: TableAction): Grant[] {
    const roles = this.#rulesFor(entry, action)
    if (this.caller.isFull) return roles.map(() => unlimited)
    const scope = this.whole(entry)
    return roles.flatMap((role) => {
      const rule = entry.settings.rules?.[role]
      return rule ? [toGrant(role, rule, scope)] : []
    })
  }
}
