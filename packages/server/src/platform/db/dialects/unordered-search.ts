import { type SqlBool, sql } from 'kysely'
import { assertTerms } from './assert-terms.ts'
import type { OwnedRows, UnorderedSearch } from './dialect.ts'

type Rows = OwnedRows & { downTo: string | undefined }

const conditionOf = ({ owner, owners, downTo, before }: Rows) => {
  const start = before === undefined ? sql`` : sql`and id < ${before}`
  const end = downTo === undefined ? sql`` : sql`and id >= ${downTo}`
  return sql`${sql.ref(owner)} in (${sql.join(owners)}) ${start} ${end}`
}

/** Asked of each row, not joined: seen together with others, all rows of the table might be read instead of few. */
const holds: UnorderedSearch['holds'] = ({ table, key, terms, groups, id }) => {
  assertTerms(groups)
  const text = sql`concat(' ', ${sql.ref(`${table}.${terms}`)}, ' ')`
  const conditions = groups.map((group) => {
    const patterns = group.map(({ term, isPrefix }) => (isPrefix ? `% ${term}%` : `% ${term} %`))
    return sql`(${sql.join(
      patterns.map((pattern) => sql`${text} like ${pattern}`),
      sql` or `,
    )})`
  })
  return sql<SqlBool>`(select ${sql.join(conditions, sql` and `)} from ${sql.table(table)}
    where ${sql.ref(`${table}.${key}`)} = ${sql.ref(id)})`
}

export const postgresUnordered: UnorderedSearch = {
  readsWholeLists: false,
  holds,
  // Two columns compared at once begin at that place of the index over both, and are of no use to another index.
  newest: ({ table, owner, owners, before }) => {
    const [own, id] = [sql.ref(`found.${owner}`), sql.ref('found.id')]
    const place = before === undefined ? sql`${own} <= owners.id` : sql`(${own}, ${id}) < (owners.id, ${before})`
    return sql`(select (select case when ${own} = owners.id then ${id} end from ${sql.table(table)} as found where ${place}
      order by ${own} desc, ${id} desc limit 1) as id
      from (values ${sql.join(owners.map((each) => sql`(cast(${each} as uuid))`))}) as owners (id) offset 0)`
  },
  // By itself it is planned for all of its rows: with a limit, the way back through the keys of all owners looks cheap.
  between: (rows) => sql`(select * from ${sql.table(rows.table)} where ${conditionOf(rows)} offset 0)`,
}

export const mariadbUnordered: UnorderedSearch = {
  readsWholeLists: true,
  holds,
  // One after the other with its own values, each is a look into the index before anything is run.
  newest: ({ table, owner, owners, before }) => {
    const start = before === undefined ? sql`` : sql`and id < ${before}`
    const looks = owners.map(
      (each) => sql`select max(id) as id from ${sql.table(table)} where ${sql.ref(owner)} = ${each} ${start}`,
    )
    return sql`(${sql.join(looks, sql` union all `)})`
  },
  between: (rows) => {
    const index = sql.id(`${rows.table}_${rows.owner}_id_index`)
    return sql`(select * from ${sql.table(rows.table)} force index (${index}) where ${conditionOf(rows)})`
  },
}
