// Fills tables of a stopped server with copies of a row that it made itself: people, members, sessions. SQLite.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from '../harness/folders.mjs'

/** Ids of a time before all others, so that what is asked for does not lie among the copies. */
const idOf = (kind) => `printf('01900000-0000-7000-8${kind}-%012x', n)`

function inDatabase(dataDir, work) {
  const Database = createRequire(join(root, 'packages/server/package.json'))('better-sqlite3')
  const db = new Database(join(dataDir, 'atrium.db'))
  db.pragma('synchronous = OFF')
  /** `count` copies of the row that `where` finds; `changed` are the columns that differ, as expressions of `n`. */
  const copy = (table, where, count, changed) => {
    const names = db.pragma(`table_info(${table})`).map(({ name }) => name)
    const values = names.map((name) => changed[name] ?? `base.${name}`)
    db.exec(`with recursive numbers(n) as (select 1 where ${count} > 0 union all select n + 1 from numbers where n < ${count})
      insert into ${table} (${names}) select ${values} from numbers, (select * from ${table} where ${where} limit 1) as base`)
  }
  try {
    db.transaction(() => work({ db, copy }))()
    db.exec('analyze')
    db.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
}

/** So many people more, with the password, and its very hash, of this one. */
function addPeople({ copy }, { id }, count) {
  const person = idOf('001')
  copy('users', `id = '${id}'`, count, {
    id: person,
    username: `'filler' || n`,
    username_key: `'filler' || n`,
    email: `'filler' || n || '@example.com'`,
    email_key: `'filler' || n || '@example.com'`,
    display_name: `'Filler ' || n`,
    display_name_key: `'filler ' || n`,
  })
  copy('user_roles', `user_id = '${id}'`, count, { user_id: person })
}

export const fillPeople = (dataDir, person, count) => inDatabase(dataDir, (tables) => addPeople(tables, person, count))

/** So many people more, all of them members of the conversation that this one is in. */
export const fillMembers = (dataDir, person, count) =>
  inDatabase(dataDir, (tables) => {
    addPeople(tables, person, count)
    const { db, copy } = tables
    copy('conversation_members', `conversation_id = '${person.conversation}' and role = 'member'`, count, {
      user_id: idOf('001'),
    })
    db.exec(`update conversations set member_count = member_count + ${count} where id = '${person.conversation}'`)
  })

/** So many sessions more of this one. */
export const fillSessions = (dataDir, { id }, count) =>
  inDatabase(dataDir, ({ copy }) => copy('sessions', `user_id = '${id}'`, count, { id: idOf('002') }))
