import { sql } from 'kysely'
import type { Sql } from '../../../platform/db/tables/tables-dialect.ts'
import type { Compiling, Condition } from './condition.ts'
import { operators } from './operators.ts'

/**
 * A condition as SQL. What compares with null is false, and its opposite true: `definite` where the difference between
 * false and unknown would show.
 */
export function compile(condition: Condition, alias: string, context: Compiling, definite = false): Sql {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const { items, kind } = condition
      if (items.length === 0) return kind === 'all' ? sql`1 = 1` : sql`1 = 0`
      const parts = items.map((item) => compile(item, alias, context, definite))
      return sql`(${sql.join(parts, kind === 'all' ? sql` and ` : sql` or `)})`
    }
    case 'not':
      return sql`not (${compile(condition.item, alias, context, true)})`
    case 'test': {
      const { field, operator, values } = condition
      const { dialect } = context
      const raw = field.ref(alias)
      const operand = { dialect, column: field.column, raw, value: dialect.comparable(field.column, raw), values }
      const test = operators[operator].compile(operand)
      // Not every value that is there has a form that compares: a text that is no time, say.
      return definite && operator !== 'null' ? sql`coalesce(${test}, 1 = 0)` : test
    }
    case 'related': {
      const { columns, references, source, item } = condition
      const other = context.alias()
      const joined = columns.map((field, index) => {
        const reference = references[index]
        return sql`${reference?.ref(other)} = ${field.ref(alias)}`
      })
      const visible = source.visible(other, context)
      const { inTime } = context.dialect
      // Without an index each row is compared with all those of the other table.
      const parts = [inTime, ...joined, visible, compile(item, other, context)].filter((part) => part !== undefined)
      return sql`exists (select 1 from ${sql.id(source.table)} as ${sql.id(other)} where ${sql.join(parts, sql` and `)})`
    }
  }
}
