import { errorCatalogue } from '../error-catalogue.ts'
import { permissions } from '../modules/roles/index.ts'
import { tablePrefix } from '../platform/db/module-tables.ts'
import { ownTables } from '../platform/db/own-tables.ts'
import type { AtriumModule } from './module.ts'
import { ModuleError } from './module-error.ts'

/** Other things go by these names already: rooms, events, commands. */
const reserved = new Set(
  'account auth block conversation data file friend job message moderation notification ping presence session skipped sync system table typing user'.split(
    ' ',
  ),
)

const nameForm = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** Throws ModuleError for the first thing that is not as it has to be: two modules never mean the same by one name. */
export function assertDeclarations(modules: readonly AtriumModule[]): void {
  for (const [index, module] of modules.entries()) {
    const { name } = module
    if (typeof name !== 'string' || !nameForm.test(name) || name.length > 30)
      throw new ModuleError(
        String(name),
        'its name has to be kebab-case, of at most 30 characters, such as guest-book.',
      )
    if (isTaken(name)) throw new ModuleError(name, 'something of ours goes by this name already; choose another one.')
    if (typeof module.build !== 'function') throw new ModuleError(name, 'it has no function "build".')
    for (const other of modules.slice(0, index)) assertApart(module, other)
    assertNames(module)
    assertMigrations(module)
  }
}

function isTaken(name: string): boolean {
  const prefix = tablePrefix(name)
  const snake = prefix.slice(0, -1)
  return (
    reserved.has(name) ||
    ownTables.some((table) => table.startsWith(prefix)) ||
    Object.keys(permissions).some((permission) => permission.startsWith(`${snake}:`)) ||
    Object.keys(errorCatalogue).some((code) => code.startsWith(prefix))
  )
}

function assertApart({ name }: AtriumModule, other: AtriumModule): void {
  if (name === other.name) throw new ModuleError(name, 'there is another one of this name.')
  const [one, two] = [tablePrefix(name), tablePrefix(other.name)]
  if (one.startsWith(two) || two.startsWith(one))
    throw new ModuleError(name, `its name begins like ${other.name}, so that their tables could be mistaken.`)
}

function assertNames(module: AtriumModule): void {
  const { name } = module
  const prefix = tablePrefix(name)
  const snake = prefix.slice(0, -1)
  const each: readonly (readonly [what: string, names: readonly string[], form: RegExp, example: string])[] = [
    ['the table', module.tables ?? [], form(prefix), `${prefix}entries`],
    ['the permission', Object.keys(module.permissions ?? {}), form(`${snake}:`), `${snake}:read`],
    [
      'the setting',
      Object.keys(module.settings?.properties ?? {}),
      form(prefix.toUpperCase(), 'A-Z'),
      `${prefix.toUpperCase()}SIZE`,
    ],
    ['the error', Object.keys(module.errors ?? {}), form(prefix), `${prefix}full`],
    ['the audit event', Object.keys(module.auditEvents ?? {}), form(`${snake}.`), `${snake}.removed`],
    ['the stream', Object.keys(module.streams ?? {}), /^[a-z0-9_-]{1,40}$/, 'board'],
  ]
  for (const [what, names, pattern, example] of each) {
    const wrong = names.find((one) => !pattern.test(one) || one.length > 60)
    if (wrong !== undefined) throw new ModuleError(name, `${what} ${wrong} has to be named like ${example}.`)
    const twice = names.find((one, index) => names.indexOf(one) !== index)
    if (twice !== undefined) throw new ModuleError(name, `${what} ${twice} is named twice.`)
  }
  const own = new Set(Object.keys(module.permissions ?? {}))
  const unknown = Object.values(module.streams ?? {}).find(({ permission }) => !own.has(permission))
  if (unknown)
    throw new ModuleError(name, `a stream asks for the permission ${unknown.permission}, which it does not declare.`)
}

const form = (prefix: string, letters = 'a-z') =>
  new RegExp(`^${prefix.replace('.', '\\.')}[${letters}][${letters}0-9_]*$`)

function assertMigrations({ name, migrations = {}, tables = [] }: AtriumModule): void {
  const names = Object.keys(migrations)
  const wrong = names.find((one) => !/^\d{4}_[a-z][a-z0-9_]{0,50}$/.test(one))
  if (wrong !== undefined) throw new ModuleError(name, `the migration ${wrong} has to be named like 0001_entries.`)
  const numbers = names.map((one) => one.slice(0, 4))
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index)
  if (twice !== undefined) throw new ModuleError(name, `two migrations have the number ${twice}.`)
  if (tables.length > 0 && names.length === 0)
    throw new ModuleError(name, 'it has tables and no migration that makes them.')
}
