import { execFile } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { build } from 'rolldown'
import type { DatabaseHandle } from '../src/platform/db/database.ts'
import type { Engine, TestDatabase } from './databases.ts'

const source = join(import.meta.dirname, 'programs/migrate.ts')
const folder = join(import.meta.dirname, '../node_modules/.cache/atrium')
let program: Promise<string> | undefined

/** In one piece: hundreds of processes read it, and most of what each of them did was to read it. */
async function bundle(): Promise<string> {
  const external = (id: string) => /^[^./\0]/.test(id) && !/^kysely(\/|$)/.test(id)
  const options = { platform: 'node', write: false, external, output: { codeSplitting: false } } as const
  const { output } = await build({ input: source, ...options })
  const file = join(folder, `migrate-${process.env.VITEST_POOL_ID ?? 0}.mjs`)
  mkdirSync(folder, { recursive: true })
  // Another run in this folder may be reading it.
  writeFileSync(`${file}.${process.pid}`, output[0].code)
  renameSync(`${file}.${process.pid}`, file)
  return file
}

interface Outcome {
  applied: string[] | undefined
  signal: NodeJS.Signals | undefined
  complaint: string
}

/** Migrates in a process of its own. */
export async function migrateElsewhere(database: TestDatabase, options: object = {}): Promise<Outcome> {
  program ??= bundle()
  const file = await program
  return new Promise((resolve) => {
    const args = [file, database.url, database.dataDir, JSON.stringify(options)]
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
