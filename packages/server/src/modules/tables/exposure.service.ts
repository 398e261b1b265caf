import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { type FieldError, platformErrors } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import type { AuditService } from '../audit/index.ts'
import { TableAccess } from './policy/table-access.ts'
import { type Snapshot, type TableEntry, type TablesRegistry, toEntry } from './registry.ts'
import { invalidFields } from './rows/row-input.ts'
import { settingsProblems } from './rule-check.ts'
import type { RuleTesting } from './rule-testing.ts'
import { findSettings, insertSettings, replaceSettings } from './settings.repository.ts'
import { toAdminTable, toSummary } from './table-views.ts'
import type { AdminTable, AdminTableSummary, RuleTestRequest, RuleTestResult, TableSettings } from './tables.schema.ts'

export interface ExposureDependencies {
  database: DatabaseHandle
  registry: TablesRegistry
  testing: RuleTesting
  /** Those of these roles that do not exist. */
  unknownRoles(names: readonly string[]): Promise<string[]>
  audit: AuditService
  now: Clock
}

/** Which tables are offered and by which rules, for administrators. */
export class ExposureService {
  readonly #deps: ExposureDependencies

  constructor(deps: ExposureDependencies) {
    this.#deps = deps
  }

  async list(): Promise<AdminTableSummary[]> {
    const { tables } = await this.#deps.registry.snapshot()
    return [...tables.values()].map(toSummary)
  }

  async get(name: string): Promise<AdminTable> {
    return toAdminTable(entryOf(await this.#deps.registry.snapshot(), name))
  }

  /** Replaces all that was set. Throws not_found, precondition_failed, validation_failed. */
  async set(name: string, settings: TableSettings, expectedVersion?: number): Promise<AdminTable> {
    const { database, registry, audit, now } = this.#deps
    const snapshot = await registry.snapshot()
    const draft = withSettings(snapshot, name, settings)
    await this.#assertFine(draft, entryOf(draft, name))
    const failed = (await this.#runTests(draft, name, settings.tests ?? [])).filter(({ passed }) => passed === false)
    if (failed.length > 0) {
      throw invalidFields(
        failed.map((result) => ({
          pointer: '/tests',
          code: 'test_failed',
          message: `${result.name ?? 'A test'}: ${result.allowed ? 'is allowed' : `is refused (${result.code})`}`,
        })),
      )
    }
    try {
      await database.unitOfWork(async (uow) => {
        const before = await findSettings(uow.tx, name)
        const version = before?.version ?? 0
        if (expectedVersion !== undefined && expectedVersion !== version) throw platformErrors.precondition_failed()
        const at = now().toISOString()
        const row = { name, settings: JSON.stringify(settings), version: version + 1, updated_at: at }
        if (before === undefined) await insertSettings(uow.tx, { ...row, created_at: at })
        else if (!(await replaceSettings(uow.tx, { ...row, created_at: before.created_at }))) {
          throw platformErrors.precondition_failed()
        }
        await audit.record(uow.tx, {
          type: 'system_config_changed',
          resource: { type: 'table', id: name },
          detail: { exposed: settings.exposed ?? false, roles: Object.keys(settings.rules ?? {}) },
        })
        uow.afterCommit(() => registry.forget())
      })
    } catch (error) {
      if (database.dialect.isUniqueViolation(error, 'data_tables_pkey')) throw platformErrors.precondition_failed()
      throw error
    }
    return this.get(name)
  }

  /** Reads again which tables there are. */
  async refresh(): Promise<AdminTableSummary[]> {
    this.#deps.registry.forget(true)
    return this.list()
  }

  /** Nothing is kept of it. Throws not_found, validation_failed for a draft that cannot be. */
  async test({ table, settings, tests }: RuleTestRequest): Promise<RuleTestResult[]> {
    const snapshot = await this.#deps.registry.snapshot()
    const draft = settings ? withSettings(snapshot, table, settings) : snapshot
    await this.#assertFine(draft, entryOf(draft, table))
    return this.#runTests(draft, table, tests)
  }

  async #assertFine(snapshot: Snapshot, entry: TableEntry): Promise<void> {
    const roles = Object.keys(entry.settings.rules ?? {})
    const unknown = await this.#deps.unknownRoles(roles)
    const access = new TableAccess(snapshot, { userId: newId(), roles: [], isFull: true }, this.#deps.now())
    const problems: FieldError[] = [
      ...unknown.map((role) => ({ pointer: `/rules/${role}`, code: 'unknown_role', message: 'There is no such role' })),
      ...settingsProblems(access, entry),
    ]
    if (problems.length > 0) throw invalidFields(problems)
  }

  async #runTests(snapshot: Snapshot, table: string, tests: RuleTestRequest['tests']): Promise<RuleTestResult[]> {
    const results: RuleTestResult[] = []
    for (const test of tests) results.push(await this.#deps.testing.run(snapshot, table, test))
    return results
  }
}

function entryOf({ tables }: Snapshot, name: string): TableEntry {
  const entry = tables.get(name)
  if (!entry) throw platformErrors.not_found()
  return entry
}

/** As it would be with these settings. */
function withSettings(snapshot: Snapshot, name: string, settings: TableSettings): Snapshot {
  const { table, version, updatedAt } = entryOf(snapshot, name)
  const entry = toEntry(snapshot.tables, table, settings, { version, updated_at: updatedAt ?? '' })
  return { ...snapshot, tables: new Map(snapshot.tables).set(name, { ...entry, updatedAt }) }
}
