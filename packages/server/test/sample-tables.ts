import { sql } from 'kysely'
import { createTestDatabase, testEngine } from './databases.ts'
import { createTestApp, type TestApp, type Visitor } from './test-app.ts'

/** An app whose tables lie in a database of their own, of this run's engine; `statements` make them. */
export async function appWithTables(
  statements: readonly string[] = [],
  variables: Record<string, string> = {},
): Promise<TestApp> {
  const own = testEngine === 'sqlite' ? undefined : await createTestDatabase()
  const app = await createTestApp({ ...variables, ...(own ? { TABLES_URL: own.url } : {}) })
  await runInTables(app, statements)
  const drop = async () => {
    await app.drop()
    await own?.drop()
  }
  return { ...app, drop }
}

/** Past the doors, as the owner of that database would. */
export async function runInTables(app: TestApp, statements: readonly string[]): Promise<void> {
  const { handle } = await app.services.tables.source.open()
  for (const statement of statements) {
    await handle.migrationSession((session) => sql.raw(statement).execute(session))
  }
  app.services.tables.registry.forget(true)
}

export async function rowsInTables<T = Record<string, unknown>>(app: TestApp, statement: string): Promise<T[]> {
  const { handle } = await app.services.tables.source.open()
  return handle.migrationSession(async (session) => (await sql.raw<T>(statement).execute(session)).rows)
}

/** Sets what is exposed, as an administrator. */
export async function expose(root: Visitor, table: string, settings: object = {}): Promise<void> {
  const answer = await root.put(`/admin/data/tables/${table}`, { exposed: true, ...settings })
  if (answer.status !== 200) throw new Error(`expose ${table}: ${answer.body}`)
}

/** The word of this run's engine for something. */
export const byEngine = <T>(words: { sqlite: T; postgres: T; mariadb: T }): T => words[testEngine]

const counted = byEngine({
  sqlite: 'integer primary key autoincrement',
  postgres: 'bigint generated always as identity primary key',
  mariadb: 'bigint not null auto_increment primary key',
})
const bool = byEngine({ sqlite: 'boolean', postgres: 'boolean', mariadb: 'boolean' })
const yes = byEngine({ sqlite: '1', postgres: 'true', mariadb: 'true' })
const moment = byEngine({ sqlite: 'datetime', postgres: 'timestamptz', mariadb: 'datetime(6)' })
const bytes = byEngine({ sqlite: 'blob', postgres: 'bytea', mariadb: 'blob' })
const json = byEngine({ sqlite: 'json', postgres: 'jsonb', mariadb: 'json' })
const double = byEngine({ sqlite: 'double', postgres: 'double precision', mariadb: 'double' })

/** A shop that lends films: keys of every shape, relations both ways, a view, checks, defaults, a computed column. */
export const filmShop: readonly string[] = [
  `create table languages (code char(2) not null primary key, name varchar(60) not null unique)`,
  `create table films (
    film_id ${counted},
    title varchar(200) not null,
    synopsis text,
    language_code char(2) not null,
    original_language_code char(2),
    minutes integer default 90 check (minutes > 0),
    price decimal(6,2) not null default 2.50,
    views bigint not null default 0,
    rating ${double},
    in_stock ${bool} not null default ${yes},
    released date,
    added_at ${moment},
    extras ${json},
    poster ${bytes},
    price_double decimal(8,2) generated always as (price * 2) stored,
    foreign key (language_code) references languages (code),
    foreign key (original_language_code) references languages (code)
  )`,
  `create table actors (actor_id ${counted}, given_name varchar(60) not null, family_name varchar(60) not null)`,
  `create table film_actors (
    film_id bigint not null,
    actor_id bigint not null,
    part varchar(80),
    primary key (film_id, actor_id),
    foreign key (film_id) references films (film_id),
    foreign key (actor_id) references actors (actor_id)
  )`,
  `create table loans (
    loan_id ${counted},
    film_id bigint not null,
    borrower varchar(36) not null,
    secret_note text,
    due date,
    fee decimal(6,2),
    foreign key (film_id) references films (film_id)
  )`,
  `create view long_films as select film_id, title, minutes from films where minutes > 100`,
]

/** Staff that report to staff, and invoices with lines: a table that points at itself, keys of two parts. */
export const musicShop: readonly string[] = [
  `create table staff (
    staff_id integer not null primary key,
    full_name varchar(100) not null,
    reports_to integer,
    foreign key (reports_to) references staff (staff_id)
  )`,
  `create table invoices (
    year integer not null,
    number integer not null,
    staff_id integer not null,
    total decimal(10,2) not null,
    primary key (year, number),
    foreign key (staff_id) references staff (staff_id)
  )`,
  `create table invoice_lines (
    year integer not null,
    number integer not null,
    line integer not null,
    article varchar(100) not null,
    quantity integer not null default 1,
    primary key (year, number, line),
    foreign key (year, number) references invoices (year, number)
  )`,
  'create table journal (entry varchar(100), written varchar(40))',
]
