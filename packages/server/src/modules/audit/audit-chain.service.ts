import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import type { Logger } from '../../platform/log.ts'
import { isSigned, sealOf, signed } from './sealing.ts'
import {
  type ChainHead,
  listEvents,
  listUnsealed,
  lockHead,
  moveHead,
  readHead,
  replaceSeals,
  type SealRow,
} from './seals.repository.ts'

export interface AuditChainDependencies {
  database: DatabaseHandle
  keys: SealingKeys
  log: Logger
  now: () => Date
}

const batch = 200
const toldMs = 3_600_000

/**
 * Seals events in one order, one process at a time. What happens does not wait for that: an event is written with a seal
 * that is only begun, and sealed a second later.
 */
export class AuditChain {
  readonly #deps: AuditChainDependencies
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(deps: AuditChainDependencies) {
    this.#deps = deps
  }

  /** Everything that is written by now; answers how many events were sealed. */
  async seal(): Promise<number> {
    let sealed = 0
    for (;;) {
      const done = await this.#sealBatch()
      sealed += done
      if (done < batch) break
      await pause(0)
    }
    await this.#tellHead()
    return sealed
  }

  async #sealBatch(): Promise<number> {
    const { database, keys, log } = this.#deps
    // Most of the time there is nothing, and nobody need be kept from anything to see that.
    if ((await listUnsealed(database.db, 1)).length === 0) return 0
    return database.unitOfWork(async ({ tx }) => {
      let head: Omit<ChainHead, 'signature'> = await lockHead(tx, database.dialect)
      const rows = await listEvents(tx, await listUnsealed(tx, batch))
      if (rows.length === 0) return 0
      if (!isSigned(keys, head as ChainHead)) {
        // After a change of SECRET_KEY this is so, too: the chain goes on, and the log keeps that it was so.
        const { position, hash } = head
        log.error({ event: 'audit_head_unsigned', position, hash }, 'the end of the audit chain is not signed by us')
      }
      const seals: SealRow[] = []
      for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
        const seal = sealOf(row, head)
        seals.push(seal)
        head = { position: head.position + 1, hash: seal.hash }
      }
      await replaceSeals(tx, seals)
      await moveHead(tx, signed(keys, head))
      return seals.length
    })
  }

  /** The log is kept elsewhere: who changes the chain as a whole cannot change what was told of it. */
  async #tellHead(): Promise<void> {
    const { database, log, now } = this.#deps
    const time = now().getTime()
    if (time - this.#toldAt < toldMs) return
    this.#toldAt = time
    const { position, hash } = await readHead(database.db)
    if (position > 0)
      log.info({ event: 'audit_head', head: `${position}:${hash}` }, 'the audit log is sealed up to here')
  }
}
