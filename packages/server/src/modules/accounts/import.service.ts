import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError, type FieldError } from '../../platform/errors.ts'
import type { AuditEntry, AuditService } from '../audit/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { findUsersByKeys } from './accounts.repository.ts'
import { type ImportRecord, readImport } from './import-records.ts'
import { prepareImport } from './import-rules.ts'
import { insertAccounts, namingConflicts, type PreparedUser } from './registration.ts'
import { listReservedNames } from './reserved-names.repository.ts'

export interface ImportDependencies {
  database: DatabaseHandle
  audit: AuditService
  roles: RoleCatalogue
  now: Clock
}

/** A row that made no account: its account is there already, or it cannot be one. */
export interface ImportRemark {
  row: number
  status: 'existing' | 'failed'
  problems: FieldError[]
}

export interface ImportOptions {
  /** Everything is checked and nothing written. */
  dryRun?: boolean
  onRemark?: (remark: ImportRemark) => void
}

export interface ImportCounts {
  created: number
  existing: number
  failed: number
}

type Row = { row: number } & (
  | { user: PreparedUser; problems?: undefined }
  | { user?: undefined; problems: FieldError[] }
)

type Fate = 'created' | 'existing' | FieldError[]

const batchSize = 100

/** Moves accounts in from another system, passwords included. A file may be given again: what is there stays as it is. */
export class ImportService {
  readonly #deps: ImportDependencies

  constructor(deps: ImportDependencies) {
    this.#deps = deps
  }

  /** Throws import_unreadable; what came before in the file is there then, and is skipped the next time. */
  async run(file: AsyncIterable<Uint8Array>, options: ImportOptions = {}): Promise<ImportCounts> {
    const { dryRun = false, onRemark = () => {} } = options
    const counts: ImportCounts = { created: 0, existing: 0, failed: 0 }
    // Only a dry run has to remember names: otherwise they are in the database.
    const write = dryRun ? this.#rehearsal() : (users: readonly PreparedUser[]) => this.#write(users)
    let batch: Row[] = []
    const flush = async () => {
      const fates = (await write(batch.flatMap(({ user }) => user ?? []))).values()
      for (const { row, problems } of batch) {
        const fate = problems ?? fates.next().value ?? []
        const status = Array.isArray(fate) ? 'failed' : fate
        counts[status]++
        if (status !== 'created') onRemark({ row, status, problems: Array.isArray(fate) ? fate : [] })
      }
      batch = []
    }
    try {
      for await (const record of readImport(file)) {
        batch.push(await this.#prepare(record))
        if (batch.length === batchSize) await flush()
      }
      await flush()
    } finally {
      if (!dryRun && counts.created + counts.existing + counts.failed > 0) await this.#record(counts)
    }
    return counts
  }

  async #prepare(record: ImportRecord): Promise<Row> {
    const { roles, now } = this.#deps
    const { row, values } = record
    if (values === undefined) {
      return { row, problems: [{ pointer: '', code: 'unreadable', message: record.problem }] }
    }
    const known = await roles.roles()
    const prepared = prepareImport(values, { isRole: (name) => known.has(name), now: now() })
    return Array.isArray(prepared) ? { row, problems: prepared } : { row, user: prepared }
  }

  /** What becomes of each, in their order. */
  async #write(users: readonly PreparedUser[]): Promise<Fate[]> {
    const fates = await this.#compare(users, new Map())
    const fresh = users.filter((_user, index) => fates[index] === 'created')
    if (fresh.length === 0 || (await this.#create(fresh))) return fates
    // Somebody took a name or deleted a role meanwhile: one by one, so that the others get in.
    for (const [index, user] of users.entries()) {
      if (fates[index] === 'created') fates[index] = await this.#createOne(user)
    }
    return fates
  }

  #rehearsal(): (users: readonly PreparedUser[]) => Promise<Fate[]> {
    const names = new Map<string, string>()
    return (users) => this.#compare(users, names)
  }

  /**
   * Whether each is new here, is there already, or another account has its name or address. `names` holds those of rows
   * before, each with the address or name that belongs to it.
   */
  async #compare(users: readonly PreparedUser[], names: Map<string, string>): Promise<Fate[]> {
    const { database, now } = this.#deps
    const usernameKeys = users.map(({ identity }) => identity.usernameKey)
    const emailKeys = users.map(({ identity }) => identity.emailKey)
    const reserved = new Set(await listReservedNames(database.db, usernameKeys, now().toISOString()))
    for (const { username_key, email_key, status } of await findUsersByKeys(database.db, usernameKeys, emailKeys)) {
      // A registration that waits to be proved is not the account that is meant, even if it looks the same.
      const isAccount = status !== 'pending'
      names.set(username_key, isAccount ? email_key : '').set(email_key, isAccount ? username_key : '')
    }
    return users.map(({ identity: { usernameKey, emailKey } }) => {
      if (names.get(usernameKey) === emailKey) return 'existing'
      const conflicts = [
        ...(names.has(usernameKey) || reserved.has(usernameKey) ? [usernameTaken] : []),
        ...(names.has(emailKey) ? [emailTaken] : []),
      ]
      if (conflicts.length > 0) return conflicts
      names.set(usernameKey, emailKey).set(emailKey, usernameKey)
      return 'created'
    })
  }

  /** All of them or none: false when something of one of them is no longer to be had. */
  async #create(users: readonly PreparedUser[]): Promise<boolean> {
    const { database, roles, audit, now } = this.#deps
    const given = users.flatMap((user) => user.roles)
    const names = users.map(({ identity }) => identity.usernameKey)
    const work = async (uow: UnitOfWork) => {
      if ((await roles.lockForUse(uow.tx, given)).length > 0) return false
      if ((await listReservedNames(uow.tx, names, now().toISOString())).length > 0) return false
      const ids = await insertAccounts(uow, users, now)
      await audit.recordAll(
        uow.tx,
        users.flatMap((user, index) => entriesOf(ids[index] ?? '', user)),
      )
      return true
    }
    try {
      return await namingConflicts(database.dialect, () => database.unitOfWork(work))
    } catch (error) {
      if (error instanceof AppError && error.kind === 'conflict') return false
      throw error
    }
  }

  async #createOne(user: PreparedUser): Promise<Fate> {
    if (await this.#create([user])) return 'created'
    const [fate = 'created'] = await this.#compare([user], new Map())
    return fate === 'created' ? [roleGone] : fate
  }

  async #record(counts: ImportCounts): Promise<void> {
    const { database, audit } = this.#deps
    const outcome = counts.failed > 0 ? 'failure' : 'success'
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, { type: 'data_import', outcome, detail: { what: 'users', ...counts } }),
    )
  }
}

const usernameTaken: FieldError = { pointer: '/username', code: 'username_taken', message: 'Username already taken' }
const emailTaken: FieldError = { pointer: '/email', code: 'email_taken', message: 'Email already registered' }
const roleGone: FieldError = { pointer: '/roles', code: 'unknown_role', message: 'There is no such role any more' }

function entriesOf(userId: string, { roles }: PreparedUser): AuditEntry[] {
  const about = { userId, resource: { type: 'user', id: userId } }
  const created = { type: 'user_created', ...about, detail: { by: 'import' } } as const
  const isOrdinary = roles.every((name) => name === 'user')
  return isOrdinary ? [created] : [created, { type: 'role_assigned', ...about, detail: { roles } }]
}
