import type { DescribedColumn, TableDescription } from './described.ts'

const words: Partial<Record<DescribedColumn['column']['type'], string>> = {
  integer: 'number',
  decimal: 'number',
  number: 'number',
  boolean: 'boolean',
  json: 'unknown',
}

function typeOf({ column, isExact }: DescribedColumn): string {
  const word = column.values?.map((value) => JSON.stringify(value)).join(' | ') ?? words[column.type] ?? 'string'
  if (word === 'unknown') return word
  return [word, ...(isExact ? ['string'] : []), ...(column.nullable ? ['null'] : [])].join(' | ')
}

/** Any name is a property; only some need no quotes. */
const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

const group = (name: string, fields: readonly string[]): string[] =>
  fields.length === 0 ? [`    ${name}: Record<never, never>`] : [`    ${name}: {`, ...fields, '    }']

/** Types for `tablesOf` of the client: the tables of one caller. */
export function tableTypes(tables: readonly TableDescription[]): string {
  const known = new Set(tables.map(({ name }) => name))
  const lines = tables.flatMap((table) => {
    const { name, label, columns, relations, actions, key } = table
    const isKeyed = key.length > 0
    const usable = actions.filter((action) => isKeyed || action === 'list' || action === 'create')
    const field = (column: DescribedColumn, isOptional: boolean) =>
      `      ${property(column.column.name)}${isOptional ? '?' : ''}: ${typeOf(column)}`
    const related = relations
      .filter(({ table: other }) => known.has(other))
      .map(({ name: relation, kind, table: other }) => {
        const row = `Tables[${JSON.stringify(other)}]['row']`
        return `      ${property(relation)}?: ${kind === 'one' ? `${row} | null` : `${row}[]`}`
      })
    return [
      ...(label === null ? [] : [`  /** ${label.replaceAll('*/', '*\\/').replace(/\s+/g, ' ')} */`]),
      `  ${property(name)}: {`,
      `    actions: ${usable.map((action) => JSON.stringify(action)).join(' | ') || 'never'}`,
      `    key: ${key.length === 1 ? 'string | number' : key.length > 1 ? `readonly [${key.map(() => 'string | number').join(', ')}]` : 'never'}`,
      '    row: {',
      ...columns.filter(({ read }) => read).map((column) => field(column, false)),
      ...related,
      '    }',
      ...group(
        'create',
        columns.filter(({ create }) => create).map((column) => field(column, !column.required)),
      ),
      ...group(
        'update',
        columns.filter(({ update }) => update).map((column) => field(column, true)),
      ),
      '  }',
    ]
  })
  return `// Written by \`atrium client generate\`: the tables of one caller, as they may use them. Do not edit.\n\nexport interface Tables {\n${lines.join('\n')}\n}\n`
}
