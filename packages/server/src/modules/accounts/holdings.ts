import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import type { NewEvent } from '../../platform/events/streams.ts'

/** What a person has in other rooms, by what becomes of it when the account changes. */
export type HoldingKind =
  /** Browsers that are known, trusted or told by push, and sign-ins that are half done. */
  | 'devices'
  | 'second_factors'
  | 'identities'
  | 'api_keys'
  | 'mails'
  | 'presence'
  | 'notifications'
  | 'people'
  | 'places'
  | 'conversations'
  | 'files'
  /** What modules that are not ours keep. */
  | 'modules'

type Drop<T> = (uow: UnitOfWork, userId: string) => Promise<T>

/** Rooms that keep something of an account say here how it is removed; they are above this one and cannot be asked. */
export class Holdings {
  readonly #drops: [HoldingKind, Drop<NewEvent[]>][] = []

  add(kind: HoldingKind, drop: Drop<unknown>): void {
    this.addTold(kind, async (uow, userId) => {
      await drop(uow, userId)
      return []
    })
  }

  /** Where others are to be told of it, by events that the caller appends. */
  addTold(kind: HoldingKind, drop: Drop<NewEvent[]>): void {
    this.#drops.push([kind, drop])
  }

  /** Removes all of these kinds in the transaction of the change; everything when none is named. Answers what to append. */
  async drop(uow: UnitOfWork, userId: string, kinds?: readonly HoldingKind[]): Promise<NewEvent[]> {
    const events: NewEvent[] = []
    for (const [kind, drop] of this.#drops) {
      if (kinds === undefined || kinds.includes(kind)) events.push(...(await drop(uow, userId)))
    }
    return events
  }
}
