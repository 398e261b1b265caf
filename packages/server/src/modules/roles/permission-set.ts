import { grants } from '../../platform/policy.ts'
import { builtInRoles, permissions } from './permissions.ts'

/** A permission that is not one of ours, and the built-in roles that have it; nobody but administrators without them. */
export interface AddedPermission {
  description: string
  roles?: readonly ('moderator' | 'user' | 'guest')[]
}

type BuiltInRoles = typeof builtInRoles

/** What can be allowed in this installation: our permissions, and those its modules bring along. */
export class PermissionSet {
  /** By name, with what each allows. */
  readonly descriptions: Readonly<Record<string, string>>
  readonly builtInRoles: BuiltInRoles
  readonly #names: readonly string[]
  readonly #wildcards: ReadonlySet<string>

  constructor(added: Readonly<Record<string, AddedPermission>> = {}) {
    const more = Object.entries(added)
    this.descriptions = {
      ...permissions,
      ...Object.fromEntries(more.map(([name, { description }]) => [name, description])),
    }
    this.builtInRoles = Object.fromEntries(
      Object.entries(builtInRoles).map(([role, { description, permissions: own }]) => {
        const brought = more.filter(([, { roles = [] }]) => roles.some((each) => each === role)).map(([name]) => name)
        return [role, { description, permissions: [...own, ...brought] }]
      }),
    )
    this.#names = Object.keys(this.descriptions)
    this.#wildcards = new Set(['*', ...this.#names.map((name) => `${name.split(':', 1)[0]}:*`)])
  }

  /** A permission, `resource:*` of a resource that has some, or `*`. */
  isGrant(text: string): boolean {
    return this.#wildcards.has(text) || Object.hasOwn(this.descriptions, text)
  }

  /** The permissions of today that a list of grants amounts to. */
  expand(held: readonly string[]): string[] {
    return this.#names.filter((name) => grants(held, name))
  }
}
