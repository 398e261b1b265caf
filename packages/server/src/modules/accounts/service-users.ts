import type { Clock } from '../../platform/clock.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { newId } from '../../platform/ids.ts'
import { changeUser, deleteRoles, findUser, type UserRow } from './accounts.repository.ts'
import { invalidFields, usernameProblem } from './identity.ts'
import { createUser } from './registration.ts'

export interface NewServiceUser {
  username: string
  description: string
  roles: readonly string[]
}

/** An account for a program: no address, no password, and no way in but API keys. Throws validation_failed, username_taken. */
export async function createServiceUser(uow: UnitOfWork, input: NewServiceUser, now: Clock): Promise<UserRow> {
  const { username, description, roles } = input
  const problem = usernameProblem(username, true)
  if (problem) throw invalidFields([{ ...problem, pointer: '/name' }])
  const email = `${newId()}@service.invalid`
  const identity = { username, usernameKey: username.toLowerCase(), email, emailKey: email }
  return createUser(uow, { identity, passwordHash: null, roles, profile: { bio: description }, kind: 'service' }, now)
}

/** By id, those that were not retired. */
export async function listServiceUsers(db: Db): Promise<UserRow[]> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('kind', '=', 'service')
    .where('status', '!=', 'deactivated')
    .orderBy('id')
    .execute()
}

export async function findServiceUser(db: Db, id: string): Promise<UserRow | undefined> {
  const row = await findUser(db, id)
  return row?.kind === 'service' && row.status !== 'deactivated' ? row : undefined
}

/** The row stays, because messages may need an author; its name is free again, and it may do nothing. */
export async function retireServiceUser(tx: Db, row: UserRow, now: Clock): Promise<void> {
  await deleteRoles(tx, row.id)
  const username = `retired-${row.id.slice(-12)}`
  await changeUser(tx, row, { username, username_key: username, bio: null, status: 'deactivated' }, now())
}
