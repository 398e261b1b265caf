import type { Kysely } from 'kysely'
import type { DatabaseHandle } from './database.ts'
import { DatabaseRefusedError, type Dialect } from './dialects/dialect.ts'
import { applyAll, inTransaction, type MigrationStatus } from './migrate.ts'
import type { Migrations, ModuleTables } from './migration.ts'
import type { Db } from './schema.ts'

interface Books {
  module_tables: { name: string; module: string; position: number }
  module_migrations: { name: string; applied_at: string }
}

const booksOf = (db: Db) => db as unknown as Kysely<Books>

/** What every table of a module begins with. */
export const tablePrefix = (module: string): string => `${module.replaceAll('-', '_')}_`

const ofModule = ({ name, migrations }: ModuleTables): Migrations =>
  Object.fromEntries(Object.entries(migrations).map(([step, migration]) => [`${name}/${step}`, migration]))

const stepsOf = (modules: readonly ModuleTables[]): Migrations => Object.assign({}, ...modules.map(ofModule))

/**
 * Brings the tables of the modules up to date, under the same lock as ours and after them; `only` for a database that is
 * to be as it was at another time. Answers the names of what it applied.
 */
export async function migrateModules(handle: DatabaseHandle, only?: readonly string[]): Promise<string[]> {
  const { dialect, modules } = handle
  if (modules.length === 0) return []
  const steps = Object.entries(stepsOf(modules)).filter(([name]) => only === undefined || only.includes(name))
  return handle.migrationSession(async (session) => {
    await dialect.lockMigrations(session)
    await createTableList(session, dialect)
    const migrations = Object.fromEntries(steps)
    const isOurs = (name: string) => modules.some((module) => name.startsWith(`${module.name}/`))
    const applied = await applyAll(session, dialect, { migrations, books: 'module_migrations', isOurs })
    await inTransaction(session, dialect, async (tx) => {
      const there = new Set((await tx.introspection.getTables()).map(({ name }) => name))
      if (only === undefined) for (const module of modules) assertDeclared(module, modules, there)
      await writeTableList(tx, modules, there)
    })
    return applied
  })
}

function assertDeclared(module: ModuleTables, all: readonly ModuleTables[], there: ReadonlySet<string>): void {
  const missing = module.tables.find((table) => !there.has(table))
  if (missing)
    throw new DatabaseRefusedError(
      `The module ${module.name} names the table ${missing}, which none of its migrations makes.`,
    )
  const known = new Set(all.flatMap(({ tables }) => tables))
  const silent = [...there].find((table) => table.startsWith(tablePrefix(module.name)) && !known.has(table))
  if (silent)
    throw new DatabaseRefusedError(
      `There is a table ${silent}, which the module ${module.name} does not name in "tables": a backup would leave it out.`,
    )
}

async function createTableList(session: Db, dialect: Dialect): Promise<void> {
  const { types, tableOptions, transactionalDdl } = dialect
  const create = (db: Db) =>
    db.schema
      .createTable('module_tables')
      .ifNotExists()
      .addColumn('name', types.key(64), (column) => column.notNull())
      .addColumn('module', types.key(40), (column) => column.notNull())
      .addColumn('position', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('module_tables_pkey', ['name'])
      .modifyEnd(tableOptions)
      .execute()
  await (transactionalDdl ? inTransaction(session, dialect, create) : create(session))
}

async function writeTableList(tx: Db, modules: readonly ModuleTables[], there: ReadonlySet<string>): Promise<void> {
  const names = modules.map(({ name }) => name)
  await booksOf(tx).deleteFrom('module_tables').where('module', 'in', names).execute()
  const rows = modules.flatMap(({ name, tables }) =>
    tables.filter((table) => there.has(table)).map((table, position) => ({ name: table, module: name, position })),
  )
  if (rows.length > 0) await booksOf(tx).insertInto('module_tables').values(rows).execute()
}

/** Tables of modules in this database, whether the modules are here or not; those that others refer to come first. */
export async function listModuleTables(db: Db): Promise<{ name: string; module: string }[]> {
  if (!(await hasBooks(db, 'module_tables'))) return []
  return booksOf(db)
    .selectFrom('module_tables')
    .select(['name', 'module'])
    .orderBy('module')
    .orderBy('position')
    .execute()
}

/** Each step of the modules that are here, and those that were applied by modules that are not. */
export async function moduleMigrationStatus(handle: DatabaseHandle): Promise<MigrationStatus[]> {
  const rows = await handle.migrationSession(async (session) =>
    (await hasBooks(session, 'module_migrations'))
      ? booksOf(session).selectFrom('module_migrations').selectAll().orderBy('name').execute()
      : [],
  )
  const applied = new Map(rows.map(({ name, applied_at }) => [name, applied_at]))
  const names = new Set([...Object.keys(stepsOf(handle.modules)), ...applied.keys()])
  return [...names].sort().map((name) => ({ name, applied_at: applied.get(name) ?? null }))
}

/** Throws DatabaseRefusedError where rows of modules would be left behind, for they are not here to make their tables. */
export function assertModulesHere(handle: DatabaseHandle, steps: readonly string[]): void {
  const known = stepsOf(handle.modules)
  const missing = steps.filter((step) => step.includes('/') && !Object.hasOwn(known, step))
  const [first] = missing
  if (first === undefined) return
  const [module = ''] = first.split('/')
  const isThere = handle.modules.some(({ name }) => name === module)
  throw new DatabaseRefusedError(
    isThere
      ? `The module ${module} is older than its rows (they have ${missing.join(', ')}). Take the newer one.`
      : `There are rows of the module ${module}: name it in MODULES.`,
  )
}

/** Asked first: a statement that fails would end the transaction around it. */
const hasBooks = async (db: Db, name: keyof Books): Promise<boolean> =>
  (await db.introspection.getTables()).some((table) => table.name === name)
