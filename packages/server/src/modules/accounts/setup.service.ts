import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientInfo } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newToken } from '../../platform/ids.ts'
import type { AuditService } from '../audit/index.ts'
import { sessionErrors } from '../sessions/index.ts'
import { deleteSetupHash, findSetupHash, insertSetupHash, isRoleHeld } from './accounts.repository.ts'
import type { Setup } from './accounts.schema.ts'
import type { AccountsService, SignedIn } from './accounts.service.ts'

export interface SetupDependencies {
  database: DatabaseHandle
  accounts: AccountsService
  audit: AuditService
  dataDir: string
}

/** The first administrator: made through a link that the operator alone can read, and that dies on use. */
export class SetupService {
  readonly #deps: SetupDependencies

  constructor(deps: SetupDependencies) {
    this.#deps = deps
  }

  async isRequired(): Promise<boolean> {
    return !(await isRoleHeld(this.#deps.database.db, 'admin'))
  }

  /**
   * The setup token while there is no administrator, else undefined. Of several instances one makes it; another one
   * finds it only where it shares the data folder, and answers undefined.
   */
  async prepare(): Promise<string | undefined> {
    if (!(await this.isRequired())) {
      rmSync(this.#file, { force: true })
      return undefined
    }
    const known = await findSetupHash(this.#deps.database.db)
    if (known !== undefined) return this.#readToken(known)
    const token = newToken()
    const made = await this.#deps.database
      .unitOfWork((uow) => insertSetupHash(uow.tx, hashOf(token)))
      .then(() => true)
      .catch((error: unknown) => {
        if (this.#deps.database.dialect.isUniqueViolation(error)) return false
        throw error
      })
    if (!made) return undefined
    mkdirSync(this.#deps.dataDir, { recursive: true, mode: 0o700 })
    writeFileSync(this.#file, token, { mode: 0o600 })
    return token
  }

  /** A new token where the first one was lost; the old one is worth nothing from then on. */
  async replace(): Promise<string | undefined> {
    const known = await findSetupHash(this.#deps.database.db)
    if (known !== undefined) await this.#deps.database.unitOfWork((uow) => deleteSetupHash(uow.tx, known))
    return this.prepare()
  }

  /** Throws not_found once an administrator exists, token_invalid for any other token. */
  async complete(input: Setup, client: ClientInfo, deviceToken?: string): Promise<SignedIn> {
    const { token, ...registration } = input
    const hash = hashOf(token)
    const known = await findSetupHash(this.#deps.database.db)
    if (known === undefined || !(await this.isRequired())) throw platformErrors.not_found()
    if (known !== hash)
      throw sessionErrors.token_invalid({
        detail: 'This setup link cannot be used; take the newest one the server printed',
      })
    const roles = ['admin', 'user']
    const signedIn = await this.#deps.accounts.createSignedIn(registration, {
      roles,
      client,
      deviceToken,
      reservedAllowed: true,
      inSameUnit: async (uow) => {
        if (!(await deleteSetupHash(uow.tx, hash))) throw platformErrors.not_found()
        // An operator may have made one by command meanwhile.
        if (await isRoleHeld(uow.tx, 'admin')) throw platformErrors.not_found()
      },
      whenCreated: async (uow, { id }) => {
        const about = { userId: id, actorId: id, resource: { type: 'user', id } }
        await this.#deps.audit.record(uow.tx, { type: 'user_created', ...about, detail: { setup: true } })
        await this.#deps.audit.record(uow.tx, { type: 'role_assigned', ...about, detail: { roles } })
      },
    })
    rmSync(this.#file, { force: true })
    return signedIn
  }

  #readToken(hash: string): string | undefined {
    if (!existsSync(this.#file)) return undefined
    const token = readFileSync(this.#file, 'utf8').trim()
    return hashOf(token) === hash ? token : undefined
  }

  get #file(): string {
    return join(this.#deps.dataDir, 'setup-token')
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
