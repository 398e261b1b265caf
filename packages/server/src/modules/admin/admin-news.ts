import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { grants } from '../../platform/policy.ts'
import { ephemeral } from '../../platform/realtime/ephemeral.ts'
import { userRoom } from '../../platform/realtime/stream-rooms.ts'
import { listHoldersOfRoles } from '../accounts/index.ts'
import type { PermissionName, RoleCatalogue } from '../roles/index.ts'
import { sessionsEnded } from '../sessions/index.ts'

export interface AdminNewsDependencies {
  database: DatabaseHandle
  roles: RoleCatalogue
  bus: EventBus
}

/** What can change under the eyes of an administrator, and who may see it. */
const audiences = {
  sessions: 'users:read',
  jobs: 'jobs:read',
  settings: 'settings:read',
  files: 'storage:read',
  cache: 'cache:read',
  backups: 'backups:read',
  announcements: 'announcements:read',
} as const satisfies Record<string, PermissionName>
export type AdminTopic = keyof typeof audiences

const maxTold = 500
/** More often, a screen would only be read anew all the time. */
const quietMs = 1_000

/** The screens of administrators hear that a list changed, and read it anew. Lost news are harmless: they look again. */
export class AdminNews {
  readonly #deps: AdminNewsDependencies
  readonly #quiet = new Map<AdminTopic, { again: boolean; timer: NodeJS.Timeout }>()

  constructor(deps: AdminNewsDependencies) {
    this.#deps = deps
    deps.bus.subscribe(sessionsEnded, () => this.tell('sessions'))
  }

  async tell(what: AdminTopic): Promise<void> {
    const known = this.#quiet.get(what)
    if (known) {
      known.again = true
      return
    }
    const timer = setTimeout(() => {
      const isDue = this.#quiet.get(what)?.again
      this.#quiet.delete(what)
      if (isDue) void this.tell(what).catch(() => undefined)
    }, quietMs)
    timer.unref()
    this.#quiet.set(what, { again: false, timer })
    await this.#tellAll(what)
  }

  close(): void {
    for (const { timer } of this.#quiet.values()) clearTimeout(timer)
    this.#quiet.clear()
  }

  async #tellAll(what: AdminTopic): Promise<void> {
    const { database, roles, bus } = this.#deps
    const names = [...(await roles.roles()).keys()]
    const granted = await Promise.all(names.map((name) => roles.permissionsOf([name])))
    const meant = names.filter((_, index) => grants(granted[index] ?? [], audiences[what]))
    for (const userId of await listHoldersOfRoles(database.db, meant, maxTold)) {
      bus.publish(ephemeral, { room: userRoom(userId), event: 'admin.changed', data: { what } })
    }
  }
}
