import type { Clock } from '../../platform/clock.ts'
import { AppError } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { grants } from '../../platform/policy.ts'
import { TableAccess } from './policy/table-access.ts'
import type { Snapshot } from './registry.ts'
import type { ReadingService } from './rows/reading.service.ts'
import { keyPath } from './rows/row-key.ts'
import type { WritingService } from './rows/writing.service.ts'
import type { RuleTest, RuleTestResult } from './tables.schema.ts'

export interface RuleTestingDependencies {
  reading: ReadingService
  writing: WritingService
  withInherited(names: readonly string[]): Promise<readonly string[]>
  permissionsOf(names: readonly string[]): Promise<readonly string[]>
  now: Clock
}

/** Tries what a test describes the way a request would, and takes it back. */
export class RuleTesting {
  readonly #deps: RuleTestingDependencies

  constructor(deps: RuleTestingDependencies) {
    this.#deps = deps
  }

  async run(snapshot: Snapshot, table: string, test: RuleTest): Promise<RuleTestResult> {
    const { withInherited, permissionsOf, now } = this.#deps
    const permissions = await permissionsOf(test.roles)
    const caller = {
      userId: test.user_id ?? newId(),
      roles: await withInherited(test.roles),
      isFull: grants(permissions, 'data:manage'),
    }
    const door = test.action === 'list' || test.action === 'get' ? 'data:read' : 'data:write'
    const access = new TableAccess(snapshot, caller, now())
    const code = grants(permissions, door) ? await this.#tryIt(access, table, test) : 'forbidden'
    const view = access.find(table, test.action)
    return {
      name: test.name ?? null,
      allowed: code === null,
      code,
      rules: view?.grants.map(({ role }) => role).filter((role) => role !== '') ?? [],
      read: [...(view?.readable.keys() ?? [])],
      write: [...(view?.entry.table.columns.keys() ?? [])].filter((name) => view?.mayWrite(name)),
      passed: test.expect === undefined ? null : (code === null) === (test.expect === 'allow'),
    }
  }

  /** The code of the refusal, null where it is allowed. */
  async #tryIt(access: TableAccess, table: string, { action, key, row }: RuleTest): Promise<string | null> {
    const { reading, writing } = this.#deps
    const options = { exactAsText: false, dryRun: true }
    try {
      access.view(table, action)
      const entry = access.snapshot.tables.get(table)
      const keyText = key && entry ? keyPath(entry.key.map((name) => String(key[name] ?? ''))) : undefined
      if (action === 'create' && row) await writing.createWith(access, table, row, options)
      if (keyText === undefined) return null
      if (action === 'get' || action === 'list') await reading.getWith(access, table, keyText, options)
      if (action === 'update')
        await writing.updateWith(access, table, keyText, row ?? {}, { ...options, replace: false })
      if (action === 'delete') await writing.deleteWith(access, table, keyText, options)
      return null
    } catch (error) {
      if (error instanceof AppError && error.status < 500) return error.code
      throw error
    }
  }
}
