import { allOf, mapped, type Question } from '../../platform/db/at-once.ts'
import type { Db } from '../../platform/db/schema.ts'
import { askPrivacy, listPrivacy } from '../accounts/index.ts'
import { askBlocks, listBlocks, listBlocksBetween } from './blocks.repository.ts'
import { findFriendship, findOpenRequest, listFriendshipsAmong } from './friends.repository.ts'
import { noSuchPerson, peopleErrors } from './people.errors.ts'

/** What stands between two people. Every question is asked of the database it is handed: a transaction sees its own. */
export class Relations {
  /** Whether one of the two has blocked the other. */
  async isBlocked(db: Db, a: string, b: string): Promise<boolean> {
    return (await listBlocksBetween(db, a, b)).length > 0
  }

  /** Friends, or one has asked the other: such people know each other. */
  async areAcquainted(db: Db, a: string, b: string): Promise<boolean> {
    return (await findFriendship(db, a, b)) !== undefined || (await findOpenRequest(db, a, b)) !== undefined
  }

  /** Throws not_found where a block stands between the two, messaging_not_allowed where the receiver wants no message. */
  async assertMayMessage(tx: Db, fromId: string, toId: string): Promise<void> {
    if (await this.isBlocked(tx, fromId, toId)) throw noSuchPerson()
    const privacy = (await listPrivacy(tx, [toId])).get(toId)
    if (!privacy) throw noSuchPerson()
    if (privacy.who_may_message === 'everyone') return
    const isFriend = privacy.who_may_message === 'friends' && (await findFriendship(tx, toId, fromId)) !== undefined
    if (!isFriend) throw peopleErrors.messaging_not_allowed()
  }

  /**
   * Of many writers and receivers those for whom `assertMayMessage` does not throw, to be asked with something else; what
   * comes of it asks once more where somebody hears from friends alone.
   */
  askWelcome<Pair extends { from: string; to: string }>(
    tx: Db,
    pairs: readonly Pair[],
  ): Question<(tx: Db) => Promise<Pair[]>> {
    const [fromIds, toIds] = [pairs.map(({ from }) => from), pairs.map(({ to }) => to)]
    return mapped(allOf([askBlocks(tx, fromIds), askPrivacy(tx, toIds)]), ([blocks, privacy]) => async (tx) => {
      const apart = new Set(
        blocks.flatMap((row) => [keyOf(row.blocker_id, row.blocked_id), keyOf(row.blocked_id, row.blocker_id)]),
      )
      const picky = toIds.filter((id) => privacy.get(id)?.who_may_message === 'friends')
      const friendships = await listFriendshipsAmong(tx, picky, fromIds)
      const friends = new Set(friendships.map((row) => keyOf(row.user_id, row.friend_id)))
      return pairs.filter(({ from, to }) => {
        const who = privacy.get(to)?.who_may_message
        return (
          !apart.has(keyOf(from, to)) && (who === 'everyone' || (who === 'friends' && friends.has(keyOf(to, from))))
        )
      })
    })
  }

  /** The same of many receivers: those who are not there for the sender, and those who want nothing from them. */
  async listUnreachable(
    tx: Db,
    fromId: string,
    toIds: readonly string[],
  ): Promise<{ hidden: string[]; unwilling: string[] }> {
    const blocks = await listBlocks(tx, [fromId])
    const privacy = await listPrivacy(tx, toIds)
    const friendships = await listFriendshipsAmong(tx, toIds, [fromId])
    const blocked = new Set(blocks.flatMap(({ blocker_id, blocked_id }) => [blocker_id, blocked_id]))
    const friends = new Set(friendships.map(({ user_id }) => user_id))
    const hidden = toIds.filter((id) => blocked.has(id) || !privacy.has(id))
    const unwilling = toIds.filter((id) => {
      const who = privacy.get(id)?.who_may_message
      return who !== 'everyone' && !(who === 'friends' && friends.has(id))
    })
    return { hidden, unwilling: unwilling.filter((id) => !hidden.includes(id)) }
  }
}

const keyOf = (a: string, b: string) => `${a} ${b}`
