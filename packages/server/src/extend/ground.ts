import type { Kysely } from 'kysely'
import { listPublicUsers, userStream } from '../modules/accounts/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { DatabaseHandle } from '../platform/db/database.ts'
import type { Db } from '../platform/db/schema.ts'
import type { UnitOfWork } from '../platform/db/unit-of-work.ts'
import type { NewEvent } from '../platform/events/streams.ts'
import { Cursors } from '../platform/http/cursor.ts'
import { deriveKeys } from '../platform/keys.ts'
import { assertAllowed } from '../platform/limits/rate-limiter.ts'
import type { Logger } from '../platform/log.ts'
import type { Services } from '../services.ts'
import type { AtriumModule, Ground, ModuleWork } from './module.ts'
import { OwnTablesOnly } from './own-tables-only.ts'
import { readSettings } from './settings.ts'

export interface GroundDependencies {
  secrets: { key: string; oldKeys: readonly string[]; others: Readonly<Record<string, string | undefined>> }
  database: DatabaseHandle
  services: Services
  now: Clock
  log: Logger
}

export interface PreparedGround {
  ground: Ground
  /** The same narrowed transaction for work that began elsewhere. */
  workOf(uow: UnitOfWork): ModuleWork
  /** What it appends has to be one of these; known once it is built. */
  allow(eventTypes: readonly string[]): void
}

/** The doors of ours that one module gets, each narrowed to what it declared. */
export function prepareGround(module: AtriumModule, deps: GroundDependencies): PreparedGround {
  const { database, services, now } = deps
  const guard = new OwnTablesOnly(module.name, module.tables ?? [])
  const streams = {
    named: (name: string) => `${module.name}:${name}`,
    ofPerson: userStream,
  }
  let types: ReadonlySet<string> = new Set()
  const assertOwn = (events: readonly NewEvent[]) => {
    for (const { stream, type } of events) {
      if (!types.has(type)) throw new Error(`The module ${module.name} did not declare the event ${type}.`)
      const [kind = '', rest = ''] = stream.split(/:(.*)/s)
      const isOwn = kind === module.name && Object.hasOwn(module.streams ?? {}, rest)
      if (!isOwn && kind !== 'user') throw new Error(`The module ${module.name} may not append to ${stream}.`)
    }
  }
  /** The services of ours work in the whole transaction. */
  const whole = new WeakMap<object, Db>()
  const workOf = (uow: UnitOfWork): ModuleWork => {
    const tx = uow.tx.withPlugin(guard) as unknown as Kysely<unknown>
    whole.set(tx, uow.tx)
    return {
      tx,
      append: (events) => {
        assertOwn(events)
        return uow.append(events)
      },
      afterCommit: (effect) => uow.afterCommit(effect),
    }
  }
  const cursors = new Cursors(deriveKeys(deps.secrets.key, deps.secrets.oldKeys).cursor)
  const listOf = (list: string) => `module:${module.name}:${list}`
  const ground: Ground = {
    settings: readSettings(module, deps.secrets.others),
    db: database.db.withPlugin(guard) as unknown as Kysely<unknown>,
    unitOfWork: (work) => database.unitOfWork((uow) => work(workOf(uow))),
    dialect: database.dialect,
    streams,
    audit: {
      async record(tx, entry) {
        const own = whole.get(tx)
        if (!own) throw new Error('The audit log is written in the transaction of a unit of work.')
        if (!Object.hasOwn(module.auditEvents ?? {}, entry.type))
          throw new Error(`The module ${module.name} did not declare the audit event ${entry.type}.`)
        await services.audit.record(own, entry)
      },
    },
    async limit(limit, key) {
      const name = `${module.name}.${limit.name}`
      assertAllowed(await services.limiter.take({ ...limit, name }, key))
    },
    cursors: {
      encode: (list, position) => cursors.encode(listOf(list), position),
      decode: (list, cursor) => cursors.decode(listOf(list), cursor),
    },
    async people(ids) {
      const users = await listPublicUsers(database.db, [...new Set(ids)])
      return new Map(users.map(({ id, username, display_name }) => [id, { id, username, display_name }]))
    },
    now,
    log: deps.log.child({ module: module.name }),
    services,
  }
  return {
    ground,
    workOf,
    allow: (eventTypes) => {
      types = new Set(eventTypes)
    },
  }
}
