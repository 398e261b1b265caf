import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { pause } from '../../platform/db/time-limit.ts'
import { deleteNotifications } from './notifications.repository.ts'

const keptDays = 90
export const keptPerPerson = 1_000
const batch = 500
const peoplePerPage = 200
/** Before every id. */
const nobody = '00000000-0000-0000-0000-000000000000'

export const oldQuery = (db: Db, before: string) =>
  db.selectFrom('notifications').select('id').where('read_at', '<', before).limit(batch)

export const holdersQuery = (db: Db, after: string) =>
  db
    .selectFrom('notifications')
    .select((row) => ['user_id', row.fn.countAll().as('count')])
    .where('user_id', '>', after)
    .groupBy('user_id')
    .orderBy('user_id')
    .limit(peoplePerPage)

export const surplusQuery = (db: Db, userId: string) =>
  db
    .selectFrom('notifications')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .offset(keptPerPerson)
    .limit(batch)

/** Removes what was read long ago, and of each person what is beyond the newest thousand; answers how many went. */
export async function purgeNotifications(database: DatabaseHandle, now: Clock): Promise<number> {
  const before = isoAfter(now(), -keptDays * 86_400)
  let removed = await removeAll(database, () => oldQuery(database.db, before).execute())
  for (let after = nobody; ; await pause(0)) {
    const holders = await holdersQuery(database.db, after).execute()
    for (const { user_id, count } of holders) {
      if (Number(count) <= keptPerPerson) continue
      removed += await removeAll(database, () => surplusQuery(database.db, user_id).execute())
    }
    const last = holders.at(-1)
    if (!last || holders.length < peoplePerPage) return removed
    after = last.user_id
  }
}

async function removeAll(database: DatabaseHandle, find: () => Promise<{ id: string }[]>): Promise<number> {
  for (let removed = 0; ; await pause(0)) {
    const ids = (await find()).map(({ id }) => id)
    removed += await database.unitOfWork(({ tx }) => deleteNotifications(tx, ids))
    if (ids.length < batch) return removed
  }
}
