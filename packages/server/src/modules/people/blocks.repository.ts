import type { Expression, ExpressionBuilder, Selectable, SqlBool } from 'kysely'
import { answered } from '../../platform/db/at-once.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { BlocksTable, Database, Db } from '../../platform/db/schema.ts'

export type BlockRow = Selectable<BlocksTable>

const blocksAround = prepared((db, { ids }: { ids: readonly string[] }) =>
  // Two queries in one: an engine uses one index for each.
  db
    .selectFrom('blocks')
    .select(['blocker_id', 'blocked_id'])
    .where('blocker_id', 'in', ids)
    .union(db.selectFrom('blocks').select(['blocker_id', 'blocked_id']).where('blocked_id', 'in', ids)),
)

/** All blocks in which one of them takes part, on either side. */
export async function listBlocks(
  db: Db,
  userIds: readonly string[],
): Promise<Pick<BlockRow, 'blocker_id' | 'blocked_id'>[]> {
  if (userIds.length === 0) return []
  return (await blocksAround(db, { ids: [...new Set(userIds)] })).rows
}

/** The same, to be asked with something else. */
export const askBlocks = (db: Db, userIds: readonly string[]) =>
  userIds.length === 0 ? answered([]) : blocksAround.asked(db, { ids: [...new Set(userIds)] })

/** The blocks between two people: none, one or both ways. */
export async function listBlocksBetween(db: Db, a: string, b: string): Promise<BlockRow[]> {
  return (await blocksBetween(db, { a, b })).rows
}

const blocksBetween = prepared((db, { a, b }: { a: string; b: string }) =>
  db
    .selectFrom('blocks')
    .selectAll()
    .where((where) =>
      where.or([
        where.and([where('blocker_id', '=', a), where('blocked_id', '=', b)]),
        where.and([where('blocker_id', '=', b), where('blocked_id', '=', a)]),
      ]),
    ),
)

/** Of somebody who is looked for: whether a block stands between them and `userId`. */
export const isBlockedFrom =
  (userId: string) =>
  (users: ExpressionBuilder<Database, 'users'>): Expression<SqlBool> =>
    users.or([
      users.exists(
        users
          .selectFrom('blocks')
          .select('blocks.created_at')
          .where('blocks.blocker_id', '=', userId)
          .whereRef('blocks.blocked_id', '=', 'users.id'),
      ),
      users.exists(
        users
          .selectFrom('blocks')
          .select('blocks.created_at')
          .where('blocks.blocked_id', '=', userId)
          .whereRef('blocks.blocker_id', '=', 'users.id'),
      ),
    ])

export async function insertBlock(tx: Db, row: BlockRow): Promise<void> {
  await tx.insertInto('blocks').values(row).execute()
}

/** True when there was one. */
export async function deleteBlock(tx: Db, blockerId: string, blockedId: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('blocks')
    .where('blocker_id', '=', blockerId)
    .where('blocked_id', '=', blockedId)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** The newest first, after the place `after`. */
export function ownBlocks(
  db: Db,
  blockerId: string,
  page: { after?: readonly [at: string, blockedId: string] | undefined; limit: number },
) {
  let query = db.selectFrom('blocks').selectAll().where('blocker_id', '=', blockerId)
  if (page.after) {
    const [at, id] = page.after
    query = query
      .where('created_at', '<=', at)
      .where((where) => where.or([where('created_at', '<', at), where('blocked_id', '<', id)]))
  }
  return query.orderBy('created_at', 'desc').orderBy('blocked_id', 'desc').limit(page.limit)
}

export async function countBlocks(db: Db, blockerId: string): Promise<number> {
  const row = await db
    .selectFrom('blocks')
    .select((select) => select.fn.countAll().as('count'))
    .where('blocker_id', '=', blockerId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function deleteBlocksOf(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('blocks').where('blocker_id', '=', userId).execute()
  await tx.deleteFrom('blocks').where('blocked_id', '=', userId).execute()
}
