import { AsyncLocalStorage } from 'node:async_hooks'
import type { Actor, ClientInfo } from './actor.ts'
import type { Usage } from './limits/rate-limiter.ts'
import type { Span } from './tracing/span.ts'

/** One thing that had a part in letting a call through or turning it away. */
export interface DecisionStep {
  kind: 'role' | 'scope' | 'rule' | 'field'
  /** What was asked: a permission, a rule of a table, a column. */
  rule: string
  result: 'allow' | 'deny' | 'unknown'
  /** Names, and never what a row or a body holds: a denial keeps them for its explanation. */
  values: Readonly<Record<string, unknown>>
}

/** What is being done right now, for those who write it down: the audit log and the log. Nothing decides by it. */
export interface CallContext {
  /** `http`, `socket`, or the program's own doing: `cli`, `job`. */
  source: 'http' | 'socket' | 'cli' | 'job'
  /** Set once the caller is known. */
  actor: Actor | null
  client?: ClientInfo
  requestId?: string
  method?: string
  /** The route's pattern or the socket command, never a raw address: those carry ids and secrets. */
  path?: string
  /** What was counted for it, by the name of the limit; the newest word of each. */
  usages?: Map<string, Usage>
  /** How often each statement was run for it. */
  statements?: Map<string, number>
  /** Where traces are told of. */
  span?: Span
  /** What had a part in deciding about it. */
  steps?: DecisionStep[]
}

const storage = new AsyncLocalStorage<CallContext>()

/** The call that led here; undefined outside of any. */
export const currentCall = (): CallContext | undefined => storage.getStore()

export const runInContext = <T>(context: CallContext, work: () => T): T => storage.run(context, work)
