import type { Dialect } from './dialects/dialect.ts'
import type { Db } from './schema.ts'

/**
 * One step of the schema, forward only. Where tables are not taken back by a rollback, `up` may be repeated after it was
 * cut off anywhere: it creates with `ifNotExists` and inserts only what is missing.
 */
export interface Migration {
  up(
    db: Db,
    dialect: Pick<
      Dialect,
      'types' | 'tableOptions' | 'clusteredOptions' | 'hasPartialIndexes' | 'appendOnly' | 'guards' | 'search' | 'geo'
    >,
  ): Promise<void>
}

/** In the order of their names. */
export type Migrations = Readonly<Record<string, Migration>>

/** What a module that is not one of ours keeps in our database. */
export interface ModuleTables {
  /** In kebab-case. Its tables begin with it, in snake_case. */
  name: string
  /** Those that others refer to come first. */
  tables: readonly string[]
  /** Numbered by the module for itself. */
  migrations: Migrations
}
