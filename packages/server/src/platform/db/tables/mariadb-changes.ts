import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import { retypeInMariadb } from './mariadb-retyping.ts'
import { columnOf, foreignKeyOf, literal } from './mariadb-tables.ts'
import type { TableChanges } from './tables-dialect.ts'

export const mariadbChanges: TableChanges = {
  addColumn: async (db, table, column) => {
    const keys = foreignKeyOf(column).map((key) => sql`, add ${key}`)
    const more = keys.length > 0 ? sql.join(keys, sql``) : sql``
    await sql`alter table ${sql.id(table)} add column ${columnOf(column)}${more}`.execute(db)
  },
  renameColumn: async (db, table, from, to) => {
    await sql`alter table ${sql.id(table)} rename column ${sql.id(from)} to ${sql.id(to)}`.execute(db)
  },
  dropColumn: async (db, table, column) => {
    await sql`alter table ${sql.id(table)} drop column ${sql.id(column)}`.execute(db)
  },
  setNullable: async (db, table, column, nullable) => {
    const definition = await definitionOf(db, table, column)
    const change = nullable ? asNullable(definition) : asNotNull(definition)
    await sql`alter table ${sql.id(table)} modify column ${sql.raw(change)}`.execute(db)
  },
  setDefault: async (db, table, { name, type }, value) => {
    const change =
      value === null || type === 'other' ? sql`drop default` : sql`set default (${literal({ type }, value)})`
    await sql`alter table ${sql.id(table)} alter column ${sql.id(name)} ${change}`.execute(db)
  },
  retype: retypeInMariadb,
  renameTable: async (db, from, to) => {
    await sql`rename table ${sql.id(from)} to ${sql.id(to)}`.execute(db)
  },
  dropTable: async (db, table) => {
    await sql`drop table if exists ${sql.id(table)}`.execute(db)
  },
  countOn: async () => {},
  listTables: async (db, prefix) => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables
      where table_schema = database() and left(table_name, ${prefix.length}) = ${prefix}`.execute(db)
    return rows.map(({ name }) => name)
  },
}

/** A change of a column says all of it again: as the server itself writes it. */
async function definitionOf(db: Db, table: string, column: string): Promise<string> {
  const { rows } = await sql<Record<string, string>>`show create table ${sql.id(table)}`.execute(db)
  const quoted = `\`${column.replaceAll('`', '``')}\``
  const lines = (rows[0]?.['Create Table'] ?? '').split('\n')
  const line = lines.find((item) => item.startsWith(`  ${quoted} `))
  if (line === undefined) throw new Error('There is no such column')
  return line.trim().replace(/,$/, '')
}

/** Parts in quotes are passed over. */
const outsideQuotes = (definition: string, word: RegExp, replacement: string): string | undefined => {
  let isFound = false
  const changed = definition.replace(
    new RegExp(`\`(?:[^\`]|\`\`)*\`|'(?:[^'\\\\]|''|\\\\.)*'|${word.source}`, 'gi'),
    (part) => {
      if (isFound || part.startsWith('`') || part.startsWith("'")) return part
      isFound = true
      return replacement
    },
  )
  return isFound ? changed : undefined
}

const asNullable = (definition: string): string => outsideQuotes(definition, / NOT NULL/, ' NULL') ?? definition

function asNotNull(definition: string): string {
  const bare = outsideQuotes(definition, / DEFAULT NULL/, '') ?? definition
  const plain = outsideQuotes(bare, /(?<!NOT) NULL(?= |$)/, '') ?? bare
  const [head = '', ...rest] = plain.split(/(?= (?:DEFAULT|CHECK|COMMENT|ON UPDATE) )/)
  return `${head} NOT NULL${rest.join('')}`
}
