// Writes a long history into one conversation of a server that is stopped: as its own sends would have left it.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from '../harness/folders.mjs'
import { query } from './queries.mjs'

/** Rows are written in so many transactions, so that no log grows to the size of the database. */
const rowsAtOnce = 200_000
/** As the server keeps them: older events are purged. */
const keptEvents = 10_000
const start = Date.parse('2026-01-01T00:00:00Z')
const days = 300

/** `at`, `id` and so on are what the engine calls the time, the id … of message `n`. */
const engines = {
  sqlite: {
    numbers: (from, to) =>
      `(with recursive counted(n) as (select ${from} union all select n + 1 from counted where n < ${to}) select n from counted)`,
    at: (ms) => `strftime('%Y-%m-%dT%H:%M:%fZ', (${ms}) / 1000.0, 'unixepoch')`,
    hex: (value) => `printf('%012x', ${value})`,
    join: (...parts) => parts.join(' || '),
    id: (text) => text,
    json: (text) => text,
    text: (value) => `cast(${value} as text)`,
  },
  postgres: {
    numbers: (from, to) => `generate_series(${from}::bigint, ${to}::bigint) as numbers(n)`,
    at: (ms) => `to_timestamp((${ms}) / 1000.0)`,
    hex: (value) => `lpad(to_hex(${value}), 12, '0')`,
    join: (...parts) => parts.join(' || '),
    id: (text) => `(${text})::uuid`,
    json: (text) => `(${text})::jsonb`,
    text: (value) => `(${value})::text`,
  },
  mariadb: {
    numbers: (from, to) => `(select seq as n from seq_${from}_to_${to}) as numbers`,
    at: (ms) => `from_unixtime((${ms}) / 1000.0)`,
    hex: (value) => `lpad(lower(hex(${value})), 12, '0')`,
    join: (...parts) => `concat(${parts.join(', ')})`,
    id: (text) => text,
    json: (text) => text,
    text: (value) => `cast(${value} as char(20))`,
  },
}

const beginningsOf = (word) => Array.from({ length: word.length - 1 }, (_, index) => word.slice(0, index + 1))
const digitsOf = (number) => String(number).length

/** The statements, in pieces; `people` are the two who wrote in turn, in the conversation of the first. */
function statements(engine, [ann, bob], size) {
  const { numbers, at, hex, join: joined, id, json, text: asText } = engines[engine]
  const room = ann.conversation
  const step = Math.floor((days * 86_400_000) / size)
  const ms = `${start} + n * ${step}`
  const idText = joined(...[`substr(${hex(ms)}, 1, 8)`, `'-'`, `substr(${hex(ms)}, 9, 4)`, `'-7000-8000-'`, hex('n')])
  const who = `case when n % 2 = 1 then '${ann.id}' else '${bob.id}' end`
  const whose = (person) => `qs${person.id.replaceAll('-', '')}`
  const whoTerm = `case when n % 2 = 1 then '${whose(ann)}' else '${whose(bob)}' end`
  const text = joined(`'Message '`, 'n', `': see you at the harbour, rare'`, 'n')
  const words = joined(`' qwmessage qw'`, 'n', `' qwsee qwyou qwat qwthe qwharbour qwrare'`, 'n')
  // As the server's, see modules/messaging/search-terms.ts: beginnings of all words, the growing ones with their numbers.
  const known = new Set(['message', 'see', 'you', 'at', 'the', 'harbour', 'rare#'].flatMap(beginningsOf))
  const growing = Array.from({ length: digitsOf(size) - 1 }, (_, index) => index + 1).map(
    (digits) =>
      `case when ${digits} < length(${asText('n')}) then ${joined(`' qb'`, `substr(${asText('n')}, 1, ${digits})`, `' qbrare'`, `substr(${asText('n')}, 1, ${digits})`)} else '' end`,
  )
  const beginnings = joined(`'${[...known].map((each) => ` qb${each}`).join('')}'`, ...growing)
  const terms = joined(`'qc${room.replaceAll('-', '')} '`, whoTerm, words, beginnings)
  const refs = json(joined(`'{"message_id":"'`, idText, `'"}'`))
  const messages = (from, to) =>
    `insert into messages (id, conversation_id, seq, number, sender_id, client_id, text, created_at, version, format, reply_count)
     select ${id(idText)}, ${id(`'${room}'`)}, n, n, ${id(who)}, ${joined(`'h'`, 'n')}, ${text}, ${at(ms)}, 1, 'plain', 0
     from ${numbers(from, to)}`
  const search = (from, to) =>
    `insert into message_search (message_id, terms) select ${id(idText)}, ${terms} from ${numbers(from, to)}`
  const tail = Math.max(1, size - keptEvents + 1)
  const newest = at(start + size * step)
  const rest = [
    `insert into events (stream_id, seq, type, refs, created_at)
     select 'conversation:${room}', n, 'message.created', ${refs}, ${at(ms)} from ${numbers(tail, size)}`,
    `update streams set head = ${size}, tail = ${tail} where id = 'conversation:${room}'`,
    `update conversations set last_number = ${size}, last_message_at = ${newest}, updated_at = ${newest} where id = '${room}'`,
  ]
  const pieces = Array.from({ length: Math.ceil(size / rowsAtOnce) }, (_, index) => {
    const [from, to] = [index * rowsAtOnce + 1, Math.min(size, (index + 1) * rowsAtOnce)]
    return { messages: messages(from, to), search: search(from, to) }
  })
  return { pieces, rest }
}

/** Written without waiting for the disk; the index of the words follows at once, row by row. */
export function fillSqlite(file, people, size) {
  const Database = createRequire(join(root, 'packages/server/package.json'))('better-sqlite3')
  const db = new Database(file)
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -500000')
  const { pieces, rest } = statements('sqlite', people, size)
  const inOne = db.transaction((list) => {
    for (const statement of list) db.exec(statement)
  })
  for (const { messages, search } of pieces) inOne([messages, search])
  inOne(rest)
  db.exec('analyze')
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

/** Indexes are made when all rows are there, which takes a fraction of the time. */
export async function fillPostgres(url, people, size) {
  const { pieces, rest } = statements('postgres', people, size)
  const tables = `('messages'::regclass, 'message_search'::regclass)`
  const made = await query(url, [
    `select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where conrelid in ${tables} and contype in ('u', 'f') order by contype desc`,
  ])
  const indexes = await query(url, [
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid in ${tables} and not exists (select 1 from pg_constraint where conindid = indexrelid)`,
  ])
  await query(url, [
    `set synchronous_commit = off`,
    `set maintenance_work_mem = '1GB'`,
    ...made.map((each) => `alter table ${each.table} drop constraint ${each.name}`),
    ...indexes.map(({ name }) => `drop index ${name}`),
    ...pieces.flatMap(({ messages, search }) => [messages, search]),
    ...rest,
    ...indexes.map(({ definition }) => definition),
    ...made.map((each) => `alter table ${each.table} add constraint ${each.name} ${each.definition}`),
    ...['messages', 'message_search', 'events'].map((table) => `vacuum analyze ${table}`),
    'checkpoint',
  ])
}

export async function fillMariadb(url, people, size) {
  const { pieces, rest } = statements('mariadb', people, size)
  await query(url, [
    `set time_zone = '+00:00', unique_checks = 0, foreign_key_checks = 0`,
    `set global innodb_flush_log_at_trx_commit = 0`,
    `alter table message_search drop key message_search_terms_index`,
    ...pieces.flatMap(({ messages, search }) => [messages, search]),
    ...rest,
    `alter table message_search add fulltext key message_search_terms_index (terms)`,
    `set global innodb_flush_log_at_trx_commit = 1`,
    `analyze table messages, message_search, events`,
  ])
}
