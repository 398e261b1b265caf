import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { RoleHolders } from '../roles/index.ts'
import { userStateChanged } from '../sessions/index.ts'
import { countRoleHolders, deleteRoleOfAll, listRoleHolders } from './accounts.repository.ts'

/** Who has a role, for the room that makes and deletes roles. */
export const roleHolders = (bus: EventBus): RoleHolders => ({
  count: countRoleHolders,
  async takeFromAll(uow: UnitOfWork, role: string) {
    const userIds = await listRoleHolders(uow.tx, role)
    await deleteRoleOfAll(uow.tx, role)
    uow.afterCommit(() => {
      for (const userId of userIds) bus.publish(userStateChanged, { userId })
    })
  },
})
