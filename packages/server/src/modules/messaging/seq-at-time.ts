import type { Db } from '../../platform/db/schema.ts'
import type { MembershipRow } from './conversations.repository.ts'
import { listTimes } from './messages.repository.ts'

/** So many places are looked at in one query: five of them find a moment among a thousand million messages. */
const looksPerQuery = 64

/** `seq` of the first message written at or after a moment; of the newest when there is none. Numbers have no holes. */
export async function seqAtTime(
  db: Db,
  { id, last_number }: Pick<MembershipRow, 'id' | 'last_number'>,
  moment: Date,
): Promise<number> {
  const at = moment.toISOString()
  let [low, high] = [1, last_number]
  let seq = 0
  while (low <= high) {
    const step = Math.max(1, Math.ceil((high - low) / looksPerQuery))
    const numbers = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step)
    const looks = await listTimes(db, id, [...new Set([...numbers, high])])
    const found = looks.findIndex(({ created_at }) => created_at >= at)
    if (found < 0) return looks.at(-1)?.seq ?? seq
    seq = looks[found]?.seq ?? seq
    high = (looks[found]?.number ?? 1) - 1
    low = (looks[found - 1]?.number ?? high) + 1
  }
  return seq
}
