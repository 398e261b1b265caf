import type { EventRenderer } from '../../platform/events/event-types.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { findUser, listRoles } from './accounts.repository.ts'
import { accountUpdated } from './accounts.schema.ts'
import { toUser } from './to-user.ts'

/** An account event goes to its owner only, so one stream never asks for more than one account. */
export const accountEvents = (catalogue: RoleCatalogue): EventRenderer => ({
  types: [accountUpdated],
  async render(db, events) {
    const ids = [...new Set(events.map((event) => String(event.refs.user_id)))]
    const users = new Map<string, unknown>()
    for (const id of ids) {
      const row = await findUser(db, id)
      if (!row) continue
      const roles = await listRoles(db, id)
      users.set(id, toUser(row, roles, await catalogue.permissionsOf(roles)))
    }
    return events.map((event) => users.get(String(event.refs.user_id)))
  },
})
