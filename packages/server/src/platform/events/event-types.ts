import type { TSchema } from 'typebox'
import type { Db } from '../db/schema.ts'
import type { AppendedEvent } from './streams.ts'

/** A kind of durable event: its name and what `data` holds when it is told. */
export interface EventType {
  readonly type: string
  readonly data: TSchema
}

export const defineEvent = (type: string, data: TSchema): EventType => ({ type, data })

/**
 * Content of events, made from today's rows at the moment of telling: what was deleted or erased since does not return.
 * One call renders many events of its types; `undefined` where the receiver may not see one (told as `skipped`).
 */
export interface EventRenderer {
  readonly types: readonly EventType[]
  render(db: Db, events: readonly AppendedEvent[]): Promise<(unknown | undefined)[]>
  /** Per event those who are told `skipped` instead of it, although they read the stream; absent: nobody. */
  hiddenFrom?(db: Db, events: readonly AppendedEvent[]): Promise<ReadonlySet<string>[]>
}
