import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'

/** What a person has in other rooms, by what becomes of it when the account changes. */
export type HoldingKind =
  /** Browsers that are known or trusted, and sign-ins that are half done. */
  'devices' | 'second_factors' | 'identities' | 'api_keys' | 'mails' | 'presence' | 'notifications' | 'people'

export type DropHolding = (uow: UnitOfWork, userId: string) => Promise<unknown>

/** Rooms that keep something of an account say here how it is removed; they are above this one and cannot be asked. */
export class Holdings {
  readonly #drops: [HoldingKind, DropHolding][] = []

  add(kind: HoldingKind, drop: DropHolding): void {
    this.#drops.push([kind, drop])
  }

  /** Removes all of these kinds in the transaction of the change; everything when none is named. */
  async drop(uow: UnitOfWork, userId: string, kinds?: readonly HoldingKind[]): Promise<void> {
    for (const [kind, drop] of this.#drops) {
      if (kinds === undefined || kinds.includes(kind)) await drop(uow, userId)
    }
  }
}
