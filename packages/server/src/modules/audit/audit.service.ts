import { type Clock, isoAfter } from '../../platform/clock.ts'
import { currentCall } from '../../platform/context.ts'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { type AuditRow, insertAuditEvents } from './audit.repository.ts'
import {
  type AddedAuditTypes,
  type AuditType,
  auditTypes,
  keptFacts,
  type ModuleAuditType,
  retentionDays,
} from './audit-types.ts'
import { emptyDetails, emptyOrigins, lockHead } from './seals.repository.ts'

/** What the caller of `record` says; who, from where and by which route is taken from the call. */
export interface AuditEntry {
  /** Where several processes may notice the same, and one is to write it. */
  id?: string
  type: AuditType | ModuleAuditType
  /** Default success. */
  outcome?: 'success' | 'failure' | 'denied'
  /** Whose security log it belongs to. */
  userId?: string | undefined
  /** Who did it, where the call does not know yet: a sign-in. Default: the caller. */
  actorId?: string | undefined
  sessionId?: string | undefined
  /** What it was done to, or with; a kind alone where it is all of them. */
  resource?: { type: string; id: string | null }
  /**
   * Facts without secrets, and without names that may be mistyped passwords. Whoever the event belongs to reads them in
   * the security log: nothing about other people either.
   */
  detail?: AuditDetail | undefined
}

export type AuditDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** Writes down what happened, in the transaction of what happened. */
export class AuditService {
  readonly #now: Clock
  readonly #types: AddedAuditTypes

  constructor(deps: { now: Clock; addedAuditTypes?: AddedAuditTypes | undefined }) {
    this.#now = deps.now
    this.#types = { ...deps.addedAuditTypes, ...auditTypes } as AddedAuditTypes
  }

  async record(tx: Db, entry: AuditEntry): Promise<void> {
    await insertAuditEvents(tx, [this.#row(entry)])
  }

  /** Many of one deed: there is at least one. */
  async recordAll(tx: Db, entries: readonly AuditEntry[]): Promise<void> {
    await insertAuditEvents(
      tx,
      entries.map((entry) => this.#row(entry)),
    )
  }

  /**
   * Empties what tells of a person whose account was erased: where they were, and facts about them. The events stay, and
   * the chain proves them as before. Comes after the account, and before the streams are locked.
   */
  async forget(tx: Db, dialect: Dialect, userId: string): Promise<void> {
    // What is sealed meanwhile would be sealed with what goes here.
    await lockHead(tx, dialect)
    await emptyOrigins(tx, userId)
    await emptyDetails(tx, userId, keptFacts)
  }

  #row(entry: AuditEntry): AuditRow {
    const call = currentCall()
    const actor = call?.actor ?? null
    const known = this.#types[entry.type as ModuleAuditType]
    if (!known) throw new Error(`The audit event ${entry.type} was not declared.`)
    const { category, retention } = known
    const outcome = entry.outcome ?? 'success'
    const now = this.#now()
    const actorId = entry.actorId ?? actor?.userId ?? null
    const isProgram = call === undefined || call.source === 'cli' || call.source === 'job'
    return {
      id: entry.id ?? newId(),
      at: now.toISOString(),
      type: entry.type,
      category,
      outcome,
      success: outcome === 'success' ? 1 : 0,
      source: call?.source ?? 'job',
      actor_id: actorId,
      actor_kind: actor?.kind ?? (actorId !== null ? 'user' : isProgram ? 'system' : 'anonymous'),
      impersonator_id: actor?.impersonatorId ?? null,
      user_id: entry.userId ?? null,
      session_id: entry.sessionId ?? actor?.sessionId ?? null,
      ip: call?.client?.ip ?? null,
      user_agent: call?.client?.userAgent ?? null,
      method: call?.method ?? null,
      path: call?.path?.slice(0, 255) ?? null,
      request_id: call?.requestId ?? null,
      resource_type: entry.resource?.type ?? null,
      resource_id: entry.resource?.id ?? null,
      detail: JSON.stringify(shortened(entry.detail)),
      retention,
      keep_until: isoAfter(now, retentionDays[retention] * 86_400),
    }
  }
}

const maxText = 200
const maxItems = 20

/** One odd value must not keep what happened from being written down. */
function shortened(detail: AuditDetail = {}): AuditDetail {
  const short = (value: unknown) => (typeof value === 'string' ? value.slice(0, maxText) : value)
  const entries = Object.entries(detail).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.slice(0, maxItems).map(short) : short(value),
  ])
  return Object.fromEntries(entries)
}
