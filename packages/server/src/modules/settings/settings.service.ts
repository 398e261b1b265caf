import type { Config } from '../../config/config.ts'
import {
  applyStored,
  isRuntimeName,
  problemsOf,
  runtimeNames,
  type StoredSettings,
  shapeOf,
} from '../../config/runtime.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/log.ts'
import { invalidFields, listPublicUsers } from '../accounts/index.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import {
  insertChanges,
  listSettings,
  lockSettings,
  replaceSettings,
  type SettingRow,
  settingChanges,
} from './settings.repository.ts'
import {
  type EffectiveSetting,
  type RuntimeSetting,
  type SettingChange,
  type SettingHistoryQuery,
  type SettingsPatch,
  settingsChanged,
} from './settings.schema.ts'
import { storedOf } from './stored-settings.ts'

export interface SettingsDependencies {
  config: Config
  database: DatabaseHandle
  audit: AuditService
  adminReads: AdminReads
  cursors: Cursors
  bus: EventBus
  log: Logger
  now: Clock
  /** Told when the configuration is another one, for what was derived from it. */
  onApplied(): void
}

const list = 'settings'

/** What may be changed while the server runs, with everything it was before. */
export class SettingsService {
  readonly #deps: SettingsDependencies
  #applied: string

  constructor(deps: SettingsDependencies) {
    this.#deps = deps
    this.#applied = JSON.stringify(this.#effective())
    deps.bus.subscribe(settingsChanged, async () => void (await this.load()))
  }

  async list(): Promise<RuntimeSetting[]> {
    const rows = new Map((await listSettings(this.#deps.database.db)).map((row) => [row.name, row]))
    return runtimeNames.flatMap((name) => {
      const shape = shapeOf(name)
      const known = this.#deps.config.sources[name]
      if (!shape || !known) return []
      const row = rows.get(name)
      const isOperators = this.#isOperators(name)
      const value = row && !isOperators ? row.value : isOperators ? known.value : shape.default
      const source = isOperators ? 'environment' : row ? 'stored' : 'default'
      return [{ name, ...shape, value, source, editable: !isOperators, changed_at: row?.updated_at ?? null } as const]
    })
  }

  /** Everything that is set, with where it comes from. */
  effective(): EffectiveSetting[] {
    const { sources } = this.#deps.config
    return Object.entries(sources)
      .map(([name, { value, source }]) => {
        const isStored = source === 'environment' && isRuntimeName(name) && !this.#isOperators(name)
        return {
          ...{ name, value, source: isStored ? ('stored' as const) : source },
          description: shapeOf(name)?.description ?? null,
        }
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** All of it or nothing. Throws validation_failed. */
  async change(actor: Actor, patch: SettingsPatch): Promise<RuntimeSetting[]> {
    const { database, audit, bus, now } = this.#deps
    // As in the environment: nothing said is the default.
    const values = Object.fromEntries(
      Object.entries(patch.values).map(([name, value]) => [name, value?.trim() || null]),
    )
    this.#assertChangeable(Object.keys(values))
    await database.unitOfWork(async (uow) => {
      const before = await lockSettings(uow.tx, database.dialect)
      const wanted = { ...storedOf(before), ...values }
      this.#assertUsable(values, wanted)
      const old = new Map(before.map((row) => [row.name, row.value]))
      const names = Object.keys(values).filter((name) => (old.get(name) ?? null) !== (values[name] ?? null))
      const at = now().toISOString()
      const rows: SettingRow[] = names.flatMap((name) => {
        const value = values[name]
        return typeof value === 'string' ? [{ name, value, updated_by: actor.userId, updated_at: at }] : []
      })
      await replaceSettings(uow.tx, names, rows)
      const changes = names.map((name) => ({
        ...{ id: newId(), name, old_value: old.get(name) ?? null, new_value: values[name] ?? null },
        ...{ changed_by: actor.userId, changed_at: at },
      }))
      await insertChanges(uow.tx, changes)
      for (const { name, old_value, new_value } of changes) {
        const resource = { type: 'setting', id: name }
        await audit.record(uow.tx, { type: 'system_config_changed', resource, detail: { old_value, new_value } })
      }
      if (names.length > 0) uow.afterCommit(() => bus.publish(settingsChanged, {}))
    })
    await this.load()
    return this.list()
  }

  /** Newest first. Throws bad_cursor. */
  async history(
    actor: Actor,
    { name, limit = 20, cursor }: SettingHistoryQuery,
  ): Promise<{ data: SettingChange[]; page: Page }> {
    const { database, cursors, adminReads } = this.#deps
    await adminReads.note(actor, 'settings')
    const key = `${list} ${name ?? ''}`
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>(key, cursor)
    const found = await settingChanges(database.db, { name, before, limit: limit + 1 }).execute()
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const page = {
      limit,
      next_cursor: hasMore ? cursors.encode(key, [last.id]) : null,
      prev_cursor: null,
      has_more: hasMore,
    }
    const ids = rows.flatMap(({ changed_by }) => changed_by ?? [])
    const users = new Map((await listPublicUsers(database.db, ids)).map((user) => [user.id, user]))
    const data = rows.map((row) => ({ ...row, changed_by: users.get(row.changed_by ?? '') ?? null }))
    return { data, page }
  }

  /** What another process changed; done again and again, for news may be lost. */
  async load(): Promise<number> {
    const { config, database, log, onApplied } = this.#deps
    try {
      applyStored(config, storedOf(await listSettings(database.db)))
    } catch (error) {
      log.warn({ err: error }, 'the stored settings do not fit the others; nothing is changed')
      return 0
    }
    const applied = JSON.stringify(this.#effective())
    if (applied === this.#applied) return 0
    this.#applied = applied
    onApplied()
    return 1
  }

  #effective() {
    return runtimeNames.map((name) => this.#deps.config.sources[name]?.value)
  }

  #isOperators(name: string): boolean {
    return this.#deps.config.operators.has(name)
  }

  #assertChangeable(names: readonly string[]): void {
    const problems = names.flatMap((name) => {
      const pointer = `/values/${name}`
      if (!isRuntimeName(name))
        return [{ pointer, code: 'unknown_field', message: 'This cannot be changed while the server runs' }]
      if (this.#isOperators(name))
        return [{ pointer, code: 'read_only', message: 'The environment says it, and counts' }]
      return []
    })
    if (problems.length > 0) throw invalidFields(problems)
  }

  /** By the same rules as at the start, alone and together with all others. */
  #assertUsable(values: SettingsPatch['values'], wanted: Readonly<Record<string, string | null>>): void {
    const stored = Object.fromEntries(
      Object.entries(wanted).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    ) as StoredSettings
    const [first = ''] = Object.keys(values)
    const problems = problemsOf(this.#deps.config, stored).map(({ name, message }) => {
      return { pointer: `/values/${name in values ? name : first}`, code: 'invalid', message }
    })
    if (problems.length > 0) throw invalidFields(problems)
  }
}
