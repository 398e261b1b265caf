import { randomUUID } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../../src/platform/db/schema.ts'
import type { Stage } from './cluster.ts'
import type { Engine } from './installation.ts'
import { pause } from './waiting.ts'

const now = () => performance.now()
const longAgo = '2001-01-01T00:00:00.000Z'

type Row = Record<string, string | number>
type Name = 'sessions' | 'mails' | 'one_time_tokens'

const random: Record<Engine, { id: RawBuilder<string>; text: RawBuilder<string> }> = {
  sqlite: {
    id: sql`lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' ||
      substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`,
    text: sql`lower(hex(randomblob(20)))`,
  },
  postgres: { id: sql`gen_random_uuid()`, text: sql`gen_random_uuid()::text` },
  mariadb: { id: sql`uuid()`, text: sql`uuid()` },
}

/** One of each whose time is over. */
const old = (userId: string): Record<Name, Row> => {
  const times = { expires_at: longAgo, created_at: longAgo }
  return {
    sessions: {
      ...{ id: randomUUID(), user_id: userId, refresh_counter: 0, rotated_at: longAgo, absolute_expires_at: longAgo },
      ...{
        remember: 0,
        delivery: 'body',
        method: 'password',
        aal: 1,
        auth_time: 0,
        user_agent: 'old',
        ip: '127.0.0.1',
      },
      ...{ ...times, last_seen_at: longAgo },
    },
    mails: {
      ...{ id: randomUUID(), template: 'password_reset', locale: 'en', to_address: 'old@example.com' },
      ...{
        message_id: randomUUID(),
        status: 'sent',
        attempts: 1,
        next_attempt_at: longAgo,
        sent_at: longAgo,
        ...times,
      },
    },
    one_time_tokens: {
      ...{ id: randomUUID(), purpose: 'old', subject: 'old', token_hash: randomUUID(), attempts_left: 0, sealed: 'x' },
      ...times,
    },
  }
}

/** As many again as there are, until there are enough; what has to be another one in each is made anew. */
async function multiply(db: Db, engine: Engine, table: Name, row: Row, count: number): Promise<void> {
  await sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
    values (${sql.join(Object.values(row))})`.execute(db)
  const { id, text } = random[engine]
  const anew: Record<string, RawBuilder<string>> = { id, token_hash: text, message_id: text }
  const names = Object.keys(row)
  const columns = sql.join(names.map((name) => sql.ref(name)))
  const values = sql.join(names.map((name) => anew[name] ?? sql.ref(name)))
  for (let there = 1; there < count; there *= 2) {
    await sql`insert into ${sql.table(table)} (${columns}) select ${values} from ${sql.table(table)}
      where expires_at = ${longAgo} limit ${sql.lit(Math.min(there, count - there))}`.execute(db)
  }
}

/** F35: a great deal that is kept no longer goes by itself while people are served. */
export const purgeWhileServed =
  ({ rows }: { rows: number }): Stage =>
  async ({ engine, installation, probes, chat, note }) => {
    const [reader] = chat.readers
    const seeds = Object.entries(old(reader?.person.id ?? '')) as [Name, Row][]
    await installation.patiently((session) =>
      session.transaction().execute(async (tx) => {
        for (const [table, row] of seeds) await multiply(tx, engine, table, row, Math.ceil(rows / seeds.length))
      }),
    )
    note(`${rows} rows are to be purged`)
    const from = now()
    const isLeft = async (table: Name) =>
      (await installation.db.selectFrom(table).select('id').where('expires_at', '=', longAgo).limit(1).execute())
        .length > 0
    for (const [table] of seeds) while (await isLeft(table)) await pause(250)
    const lasted = now() - from
    // For as many requests as a percentile needs, where it was over soon.
    await pause(Math.max(0, 2_000 - lasted))
    const { asked, failed, p99Ms, slowestMs } = probes.figures(from)
    return { rows, took_ms: lasted, asked, failed, p99_ms: p99Ms, slowest_ms: slowestMs }
  }
