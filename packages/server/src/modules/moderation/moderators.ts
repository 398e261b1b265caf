import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { grants } from '../../platform/policy.ts'
import { ephemeral } from '../../platform/realtime/ephemeral.ts'
import { userRoom } from '../../platform/realtime/stream-rooms.ts'
import { listHoldersOfRoles } from '../accounts/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'

export interface ModeratorsDependencies {
  database: DatabaseHandle
  roles: RoleCatalogue
  bus: EventBus
}

const maxTold = 500

/** Those who look after the place: their screens hear that the queue changed, and read it anew. */
export class Moderators {
  readonly #deps: ModeratorsDependencies

  constructor(deps: ModeratorsDependencies) {
    this.#deps = deps
  }

  async tell(change: { what: 'report' | 'ban'; id: string }): Promise<void> {
    const { database, roles, bus } = this.#deps
    const names = [...(await roles.roles()).keys()]
    const granted = await Promise.all(names.map((name) => roles.permissionsOf([name])))
    const meant = names.filter((_, index) => grants(granted[index] ?? [], `${change.what}s:read`))
    for (const userId of await listHoldersOfRoles(database.db, meant, maxTold)) {
      bus.publish(ephemeral, { room: userRoom(userId), event: 'moderation.changed', data: change })
    }
  }
}
