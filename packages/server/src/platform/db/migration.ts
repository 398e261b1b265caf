import type { Dialect } from './dialects/dialect.ts'
import type { Db } from './schema.ts'

/**
 * One step of the schema, forward only. Where tables are not taken back by a rollback, `up` may be repeated after it was
 * cut off anywhere: it creates with `ifNotExists` and inserts only what is missing.
 */
export interface Migration {
  up(
    db: Db,
    dialect: Pick<Dialect, 'types' | 'tableOptions' | 'appendOnly' | 'guards' | 'search' | 'geo'>,
  ): Promise<void>
}

/** In the order of their names. */
export type Migrations = Readonly<Record<string, Migration>>
