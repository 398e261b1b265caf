import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { accessErrors } from '../../platform/policy.ts'
import { findUser, isBanned, listRoles } from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import {
  findSession,
  type IssuedSession,
  type SessionRotation,
  type SessionsService,
  sessionErrors,
} from '../sessions/index.ts'
import { outranks } from './rank.ts'

export interface ImpersonationDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  rotation: SessionRotation
  roles: RoleCatalogue
  audit: AuditService
  mails: MailsService
  now: Clock
}

const lifeSeconds = 3600

/** Acting as somebody else for a short while: told to them, written down for both, and never with their credentials. */
export class ImpersonationService {
  readonly #deps: ImpersonationDependencies

  constructor(deps: ImpersonationDependencies) {
    this.#deps = deps
  }

  /** A session as the user, which ends with the administrator's own. Throws not_found, forbidden, state_conflict. */
  async begin(actor: Actor, userId: string, reason: string, client: ClientInfo): Promise<IssuedSession> {
    const { database, sessions, roles, audit, mails } = this.#deps
    if (actor.kind !== 'user' || actor.impersonatorId !== null) {
      throw accessErrors.forbidden({ detail: 'Only a person in a session of their own can act as somebody else' })
    }
    const row = await findUser(database.db, userId)
    if (!row || row.kind === 'service') throw platformErrors.not_found({ detail: 'There is no such user' })
    const theirs = await roles.permissionsOf(await listRoles(database.db, row.id))
    if (!outranks(actor.permissions, theirs)) {
      throw accessErrors.forbidden({ detail: 'Nobody can act as somebody who may as much as they do, or more' })
    }
    const isActive = row.status === 'active' && !isBanned(row, this.#deps.now())
    if (!isActive) throw platformErrors.state_conflict({ detail: 'This account is not active' })
    const own = await findSession(database.db, actor.sessionId)
    if (!own) throw sessionErrors.session_revoked()
    const session = await database.unitOfWork(async (uow) => {
      const started = await sessions.start(uow, {
        userId: row.id,
        method: 'impersonation',
        client,
        remember: false,
        delivery: own.delivery === 'body' ? 'body' : 'cookie',
        impersonator: { userId: actor.userId, sessionId: actor.sessionId },
        lifeSeconds,
      })
      await audit.record(uow.tx, {
        type: 'impersonation_started',
        userId: row.id,
        resource: { type: 'session', id: started.id },
        detail: { reason },
      })
      if (row.kind === 'person') {
        await mails.enqueue(uow, {
          to: row.email,
          template: 'impersonated',
          data: { name: row.display_name ?? row.username, reason },
          locale: row.locale,
          userId: row.id,
        })
      }
      return started
    })
    return sessions.issue(session)
  }

  /** Back to the administrator's own session; undefined when that one has ended. Throws state_conflict for anybody else. */
  async end(actor: Actor, client: ClientInfo): Promise<IssuedSession | undefined> {
    const { database, sessions, rotation, audit } = this.#deps
    const session = await findSession(database.db, actor.sessionId)
    const own = session?.impersonator_session_id
    if (!session || !own) throw platformErrors.state_conflict({ detail: 'You act as nobody but yourself' })
    await database.unitOfWork(async (uow) => {
      await sessions.end(uow, { userId: session.user_id, sessionId: session.id }, 'revoked')
      await audit.record(uow.tx, {
        type: 'impersonation_ended',
        userId: session.user_id,
        resource: { type: 'session', id: session.id },
      })
    })
    return rotation.reissue(own, client)
  }
}
