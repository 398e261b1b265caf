import type { DatabaseHandle } from '../../platform/db/database.ts'
import { findFact, insertFact, replaceFact } from '../../platform/db/installation.ts'
import type { Logger } from '../../platform/log.ts'
import { newVapidKey, type VapidKey, vapidKeyOf } from '../../platform/push/vapid.ts'
import type { SealedBox } from '../../platform/sealed-box.ts'
import { deleteSubscriptions } from './push.repository.ts'

export interface VapidKeysDependencies {
  database: DatabaseHandle
  box: SealedBox
  log: Logger
  /** From the settings; empty: one is made at first use. */
  privateKey: string
}

const name = 'vapid_private_key'
const purpose = 'vapid private key'

/** The key that all processes send pushes with: of the settings, or made once and kept sealed. */
export class VapidKeys {
  readonly #deps: VapidKeysDependencies
  #key: Promise<VapidKey> | undefined

  constructor(deps: VapidKeysDependencies) {
    this.#deps = deps
  }

  get(): Promise<VapidKey> {
    this.#key ??= this.#load().catch((error: unknown) => {
      this.#key = undefined
      throw error
    })
    return this.#key
  }

  async #load(): Promise<VapidKey> {
    const { database, privateKey } = this.#deps
    if (privateKey !== '') return vapidKeyOf(privateKey)
    const kept = await findFact(database.db, name)
    if (kept !== undefined) return this.#open(kept)
    const made = newVapidKey()
    const insert = database.unitOfWork(({ tx }) => insertFact(tx, name, this.#seal(made)))
    const isOurs = await insert.then(
      () => true,
      (error: unknown) => {
        if (!database.dialect.isUniqueViolation(error, 'installation_pkey')) throw error
        return false
      },
    )
    return isOurs ? made : this.#load()
  }

  #seal({ privateKey }: VapidKey): string {
    return this.#deps.box.seal(privateKey, purpose)
  }

  async #open(sealed: string): Promise<VapidKey> {
    const { database, box, log } = this.#deps
    try {
      return vapidKeyOf(box.open(sealed, purpose))
    } catch (error) {
      log.warn({ err: error }, 'the key of pushes cannot be opened; browsers subscribe again with a new one')
    }
    const made = newVapidKey()
    // What was subscribed with the lost key takes nothing that is signed with another.
    const isOurs = await database.unitOfWork(async ({ tx }) => {
      if (!(await replaceFact(tx, name, sealed, this.#seal(made)))) return false
      await deleteSubscriptions(tx, {})
      return true
    })
    return isOurs ? made : this.#load()
  }
}
