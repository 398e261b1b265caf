import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import type { DatabaseHandle } from '../src/platform/db/database.ts'
import type { Engine, TestDatabase } from './databases.ts'

const program = fileURLToPath(new URL('programs/migrate.ts', import.meta.url))

interface Outcome {
  applied: string[] | undefined
  signal: NodeJS.Signals | undefined
  complaint: string
}

/** Migrates in a process of its own. */
export function migrateElsewhere(database: TestDatabase, options: object = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = [program, database.url, database.dataDir, JSON.stringify(options)]
    execFile(process.execPath, args, (error, stdout, complaint) => {
      resolve({ applied: stdout ? JSON.parse(stdout) : undefined, signal: error?.signal ?? undefined, complaint })
    })
  })
}

/** Everything the engine knows of our tables, in comparable form. */
export async function schemaOf({ db }: DatabaseHandle, engine: Engine): Promise<unknown> {
  const query = {
    sqlite: sql<object>`select name, sql from sqlite_schema order by name`,
    postgres: sql<object>`
      select table_name::text as name, column_name || ' ' || data_type || ' ' || is_nullable as sql
        from information_schema.columns where table_schema = 'public'
      union all select tablename, indexdef from pg_indexes where schemaname = 'public'
      union all select conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
      union all select tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
      order by 1, 2`,
    mariadb: sql<object>`
      select table_name as name, concat_ws(' ', column_name, column_type, is_nullable, collation_name) as line
        from information_schema.columns where table_schema = database()
      union all select table_name, concat_ws(' ', index_name, seq_in_index, column_name, non_unique)
        from information_schema.statistics where table_schema = database()
      union all select table_name, concat_ws(' ', constraint_name, constraint_type)
        from information_schema.table_constraints where table_schema = database()
      union all select table_name, concat_ws(' ', engine, table_collation)
        from information_schema.tables where table_schema = database()
      union all select trigger_name, action_statement from information_schema.triggers where trigger_schema = database()
      order by 1, 2`,
  }[engine]
  return (await query.execute(db)).rows
}
