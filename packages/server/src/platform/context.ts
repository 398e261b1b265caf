import { AsyncLocalStorage } from 'node:async_hooks'
import type { Actor, ClientInfo } from './actor.ts'
import type { Usage } from './limits/rate-limiter.ts'

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
}

const storage = new AsyncLocalStorage<CallContext>()

/** The call that led here; undefined outside of any. */
export const currentCall = (): CallContext | undefined => storage.getStore()

export const runInContext = <T>(context: CallContext, work: () => T): T => storage.run(context, work)
