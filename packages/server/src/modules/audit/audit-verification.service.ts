import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import type { AuditRow } from './audit.repository.ts'
import type { AuditVerification as Result } from './audit-verification.schema.ts'
import { detailHash, isSigned, linkHash, originHash, rowHash } from './sealing.ts'
import {
  findUnfollowed,
  listErased,
  listEvents,
  listUnsealed,
  readHead,
  type SealRow,
  sealsAfter,
} from './seals.repository.ts'

export interface AuditVerifierDependencies {
  database: DatabaseHandle
  keys: SealingKeys
  now: () => Date
}

type Bad = NonNullable<Result['first_bad']>

const batch = 500
/** So many are counted; a server that runs seals them within a second or two. */
const unsealedCounted = 1_000
const first = '00000000-0000-0000-0000-000000000000'

/** Reads the whole chain and tells the first thing that is not as it was sealed. Changes nothing. */
export class AuditVerifier {
  readonly #deps: AuditVerifierDependencies
  #running: Promise<Result> | undefined

  constructor(deps: AuditVerifierDependencies) {
    this.#deps = deps
  }

  /** `known`, as `position:hash`, is an end of the chain that was noted elsewhere. Who asks meanwhile waits. */
  async verify(known?: string): Promise<Result> {
    await this.#running?.catch(() => {})
    this.#running = this.#verify(known)
    return this.#running
  }

  async #verify(known: string | undefined): Promise<Result> {
    const { database, keys } = this.#deps
    // Read first: what is sealed meanwhile lies behind it.
    const head = await readHead(database.db)
    const { bad, checked, hashes } = await this.#walk(head, known)
    const is_signed = isSigned(keys, head)
    const first_bad =
      bad ??
      (hashes.end === head.hash ? undefined : wrong(head.position, null, 'head', 'The chain ends elsewhere')) ??
      (known === undefined || hashes.known
        ? undefined
        : wrong(Number(known.split(':', 1)[0]), null, 'rewritten', 'The chain does not pass the end that was noted')) ??
      (is_signed
        ? undefined
        : wrong(
            head.position,
            null,
            'signature',
            'The end of the chain is not signed by this installation, or SECRET_KEYS_OLD lacks the key',
          )) ??
      (await this.#unfollowed())
    const unsealed = (await listUnsealed(database.db, unsealedCounted)).length
    const { position, hash } = head
    return { ok: first_bad === undefined, checked, unsealed, head: `${position}:${hash}`, first_bad: first_bad ?? null }
  }

  async #walk(head: { position: number }, known: string | undefined) {
    const { database } = this.#deps
    const erased = new Set(await listErased(database.db))
    const hashes = { end: '0'.repeat(64), known: known === `0:${'0'.repeat(64)}` }
    let checked = 0
    while (checked < head.position) {
      const seals = await sealsAfter(database.db, checked, Math.min(batch, head.position - checked)).execute()
      const ids = seals.map(({ event_id }) => event_id)
      const events = new Map((await listEvents(database.db, ids)).map((row) => [row.id, row]))
      for (const read of seals) {
        let [seal, row] = [read, events.get(read.event_id)]
        let bad = this.#judge(seal, row, hashes.end, checked + 1, erased)
        if (bad && bad.problem !== 'missing') {
          // Erased or purged between the two reads: both are read once more, together with who was erased.
          for (const id of await listErased(database.db)) erased.add(id)
          seal = (await sealsAfter(database.db, checked, 1).execute())[0] ?? seal
          row = (await listEvents(database.db, [seal.event_id]))[0]
          bad = this.#judge(seal, row, hashes.end, checked + 1, erased)
        }
        if (bad) return { bad, checked, hashes }
        hashes.end = seal.hash ?? ''
        checked++
        if (known === `${checked}:${hashes.end}`) hashes.known = true
      }
      if (seals.length === 0)
        return {
          bad: wrong(checked + 1, null, 'missing', 'A seal is gone, and the event with it or not'),
          checked,
          hashes,
        }
      await pause(0)
    }
    return { bad: undefined, checked, hashes }
  }

  #judge(seal: SealRow, row: AuditRow | undefined, before: string, position: number, erased: ReadonlySet<string>) {
    const bad = (problem: Bad['problem'], detail: string) => wrong(position, seal.event_id, problem, detail)
    if (seal.position !== position)
      return wrong(position, null, 'missing', 'A seal is gone, and the event with it or not')
    if (seal.hash !== linkHash(before, seal)) return bad('seal', 'The seal was changed, or moved to another place')
    if (!row) {
      const isOver = seal.keep_until !== null && seal.keep_until <= this.#deps.now().toISOString()
      return isOver ? undefined : bad('deleted', 'The event is gone before its time')
    }
    const { origin_salt, origin_hash, detail_salt, detail_hash } = seal
    if (seal.row_hash !== rowHash(row, origin_hash ?? '', detail_hash ?? ''))
      return bad('changed', 'The event is not what was sealed')
    const mayBeEmpty = [row.user_id, row.actor_id].some((id) => id !== null && erased.has(id))
    const origin =
      origin_salt === null
        ? mayBeEmpty && row.ip === null && row.user_agent === null
        : originHash(origin_salt, row) === origin_hash
    if (!origin) return bad('changed', 'Address or user agent are not what was sealed')
    const detail =
      detail_salt === null ? mayBeEmpty && row.detail === '{}' : detailHash(detail_salt, row) === detail_hash
    return detail ? undefined : bad('changed', 'The facts of the event are not what was sealed')
  }

  /** An event that the database begun no seal for was written around it; a seal without an event lost it. */
  async #unfollowed(): Promise<Bad | undefined> {
    const { database } = this.#deps
    const waiting = await listUnsealed(database.db, unsealedCounted)
    const there = new Set((await listEvents(database.db, waiting)).map(({ id }) => id))
    const lost = waiting.find((id) => !there.has(id))
    if (lost !== undefined) return wrong(null, lost, 'deleted', 'The event is gone before it was sealed')
    for (let after = first; ; ) {
      const rows = await findUnfollowed(database.db, after, batch)
      const alone = rows.find(({ event_id }) => event_id === null)
      if (alone) return wrong(null, alone.id, 'unsealed', 'The event was never to be sealed')
      const last = rows.at(-1)
      if (!last || rows.length < batch) return undefined
      after = last.id
      await pause(0)
    }
  }
}

const wrong = (position: number | null, event_id: string | null, problem: Bad['problem'], detail: string): Bad => ({
  position,
  event_id,
  problem,
  detail,
})
