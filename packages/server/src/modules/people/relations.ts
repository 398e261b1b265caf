import type { Db } from '../../platform/db/schema.ts'
import { listPrivacy } from '../accounts/index.ts'
import { listBlocksBetween } from './blocks.repository.ts'
import { findFriendship, findOpenRequest } from './friends.repository.ts'
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
}
