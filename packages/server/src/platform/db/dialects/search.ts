import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../schema.ts'
import { assertTerms } from './assert-terms.ts'
import type { FullTextSearch, SearchGroups, SearchMatch, SearchTerm } from './dialect.ts'
import { mariadbUnordered, postgresUnordered } from './unordered-search.ts'

const all = (groups: SearchGroups, and: string, or: string, write: (term: SearchTerm) => string) =>
  groups.map((group) => `(${group.map(write).join(or)})`).join(and)

const createIndexed = (db: Db, table: string, key: string, terms: string, ...parts: RawBuilder<unknown>[]) =>
  sql`create table if not exists ${sql.table(table)} (${sql.ref(key)} ${parts[0]} not null primary key, ${sql.ref(terms)} ${parts[1]} not null${parts[2] ?? sql``})${parts[3] ?? sql``}`.execute(
    db,
  )

/** Ids grow with time, so the key is the place. */
const byKey = (table: string, key: string, condition: RawBuilder<unknown>) =>
  sql`select ${sql.ref(key)} as ${sql.ref('key')}, ${sql.ref(key)} as place from ${sql.table(table)} where ${condition}`

/** FTS5 beside the table, kept by triggers: an index over the table itself would lean on row numbers that VACUUM moves. */
export const sqliteSearch: FullTextSearch = {
  async createTable(db, table, key, terms) {
    const [rows, index, ref] = [sql.table(table), sql.table(`${table}_index`), sql.ref(terms)]
    await sql`create table if not exists ${rows} (doc integer primary key, ${sql.ref(key)} text not null unique, ${ref} text not null) strict`.execute(
      db,
    )
    await sql`create virtual table if not exists ${index} using fts5(${ref}, content=${sql.lit(table)}, content_rowid='doc', columnsize=0, detail=none, tokenize=${sql.lit('unicode61 remove_diacritics 0')})`.execute(
      db,
    )
    // What is deleted leaves the index at once, not when its pages are written anew some day.
    await sql`insert into ${index}(${index}, rank) values ('secure-delete', 1)`.execute(db)
    const [inserted, deleted] = [sql.id('new', terms), sql.id('old', terms)]
    const add = sql`insert into ${index}(rowid, ${ref}) values (new.doc, ${inserted})`
    const remove = sql`insert into ${index}(${index}, rowid, ${ref}) values ('delete', old.doc, ${deleted})`
    const trigger = (event: string) => sql.id(`${table}_${event}`)
    await sql`create trigger if not exists ${trigger('insert')} after insert on ${rows} begin ${add}; end`.execute(db)
    await sql`create trigger if not exists ${trigger('delete')} after delete on ${rows} begin ${remove}; end`.execute(
      db,
    )
    await sql`create trigger if not exists ${trigger('update')} after update on ${rows} begin ${remove}; ${add}; end`.execute(
      db,
    )
  },
  async writeSmaller(db, table) {
    const index = sql.table(`${table}_index`)
    await sql`insert into ${index}(${index}, rank) values ('pgsz', 1000)`.execute(db)
  },
  matches({ table, key, groups, before }) {
    assertTerms(groups)
    const query = all(groups, ' AND ', ' OR ', ({ term, isPrefix }) => `"${term}"${isPrefix ? '*' : ''}`)
    const [rows, index] = [sql.table(table), sql.table(`${table}_index`)]
    const from = before === undefined ? sql`` : sql`and ${sql.ref(`${table}_index.rowid`)} < ${before}`
    // The index gives rows newest first by itself; joined the other way round it would be asked for every row.
    return sql<SearchMatch>`(select ${sql.ref(`${table}.${key}`)} as ${sql.ref('key')}, ${sql.ref(`${table}_index.rowid`)} as place
      from ${index} cross join ${rows} on ${sql.ref(`${table}.doc`)} = ${sql.ref(`${table}_index.rowid`)}
      where ${index} match ${query} ${from} order by ${sql.ref(`${table}_index.rowid`)} desc)`
  },
}

/** `simple`: no language, no stop words. */
export const postgresSearch: FullTextSearch = {
  async createTable(db, table, key, terms) {
    await createIndexed(db, table, key, terms, sql`uuid`, sql`text`)
    const name = sql.id(`${table}_terms_index`)
    await sql`create index if not exists ${name} on ${sql.table(table)} using gin (to_tsvector('simple', ${sql.ref(terms)}))`.execute(
      db,
    )
  },
  matches({ table, key, terms, groups, before }) {
    assertTerms(groups)
    const query = all(groups, ' & ', ' | ', ({ term, isPrefix }) => `${term}${isPrefix ? ':*' : ''}`)
    // It expects so many of a word it does not know that among ten million helping processes look cheap: 10 ms to start them,
    // where the index answers in 0.1. They cannot ask for the process of the session, so they are not considered.
    const condition = sql`to_tsvector('simple', ${sql.ref(terms)}) @@ to_tsquery('simple', ${query}) and pg_backend_pid() > 0`
    // By itself it is planned for all that matches. Seen together with a limit or a place to begin at, the way back through
    // the keys looks cheap, and makes the words of each row anew; one plan for all words would start helping processes.
    const found = sql`(${byKey(table, key, condition)} offset 0)`
    if (before === undefined) return sql<SearchMatch>`${found}`
    return sql<SearchMatch>`(select * from ${found} as found where place < ${before})`
  },
  unordered: postgresUnordered,
}

/** Words that InnoDB would leave out (stop words, short ones) do not occur: every term of ours begins with its kind. */
export const mariadbSearch = (id: RawBuilder<unknown>, tableOptions: RawBuilder<unknown>): FullTextSearch => ({
  async createTable(db, table, key, terms) {
    const index = sql`, fulltext key ${sql.id(`${table}_terms_index`)} (${sql.ref(terms)})`
    await createIndexed(db, table, key, terms, id, sql`longtext`, index, sql` ${tableOptions}`)
  },
  matches({ table, key, terms, groups, before }) {
    assertTerms(groups)
    const query = groups
      .map((group) => `+(${group.map(({ term, isPrefix }) => `${term}${isPrefix ? '*' : ''}`).join(' ')})`)
      .join(' ')
    const from = before === undefined ? sql`` : sql`and ${sql.ref(key)} < ${before}`
    const condition = sql`match (${sql.ref(terms)}) against (${query} in boolean mode) ${from}`
    return sql<SearchMatch>`(${byKey(table, key, condition)})`
  },
  unordered: mariadbUnordered,
})
