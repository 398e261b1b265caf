import { type QueryClient, queryOptions, useQueries } from '@tanstack/react-query'
import { tellingColumn } from './columns.ts'
import { queryRows } from './data-api.ts'
import { schemaQuery } from './queries.ts'
import type { Relation, Row, TableSchema } from './types.ts'

/** A row of another table, as it is chosen: the value that points to it, and what people know it by. */
export interface Choice {
  value: string
  label: string
}

const toChoice = (row: Row, relation: Relation, telling: string | undefined): Choice => {
  const value = String(row[relation.references[0] ?? ''] ?? '')
  const label = telling ? row[telling] : undefined
  return { value, label: typeof label === 'string' && label !== '' ? label : value }
}

async function choices(
  cache: QueryClient,
  relation: Relation,
  filterBy: (schema: TableSchema, telling: string | undefined) => Record<string, unknown> | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Choice[]> {
  const schema = await cache.ensureQueryData(schemaQuery(relation.table))
  const telling = tellingColumn(schema)?.name
  const filter = filterBy(schema, telling)
  const fields = [...new Set([relation.references[0] ?? '', ...(telling ? [telling] : [])])].join(',')
  const sort = telling ?? relation.references[0]
  const { data } = await queryRows(relation.table, { filter, fields, sort, limit }, signal)
  return data.map((row) => toChoice(row, relation, telling))
}

const mayBe: Record<string, RegExp> = {
  integer: /^-?\d{1,18}$/,
  text: /^/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
}

/** Rows of the other table that a word leads to: it is in one of their texts, or it is what points to them. */
export const choicesQuery = (relation: Relation, word: string) =>
  queryOptions({
    queryKey: ['data', 'rows', relation.table, 'choices', relation.references, word],
    queryFn: ({ client: cache, signal }) =>
      choices(
        cache,
        relation,
        ({ columns }) => {
          if (word === '') return undefined
          const texts = columns.filter(({ type }) => type === 'text').slice(0, 5)
          const target = columns.find(({ name }) => name === relation.references[0])
          const isTarget = target && mayBe[target.type]?.test(word)
          return {
            or: [
              ...texts.map(({ name }) => ({ [name]: { icontains: word } })),
              ...(isTarget ? [{ [target.name]: { eq: word } }] : []),
            ],
          }
        },
        20,
        signal,
      ),
    staleTime: 15_000,
    retry: false,
  })

/** What the rows that some values point to are called; a block of a grid asks for all of its own at once. */
const labelsQuery = (relation: Relation, values: readonly string[]) =>
  queryOptions({
    queryKey: ['data', 'rows', relation.table, 'labels', relation.references, values],
    queryFn: async ({ client: cache, signal }) => {
      const target = relation.references[0] ?? ''
      const found = await choices(cache, relation, () => ({ [target]: { in: [...values] } }), 100, signal)
      return new Map(found.map(({ value, label }) => [value, label]))
    },
    staleTime: 60_000,
    retry: false,
  })

export interface Pointing {
  relation: Relation
  values: readonly string[]
}

/** Labels by table and value; a value without one is shown as it is. */
export function useLabels(pointing: readonly Pointing[]): (relation: Relation, value: unknown) => string | undefined {
  const asked = pointing.filter(({ values }) => values.length > 0)
  const answers = useQueries({ queries: asked.map(({ relation, values }) => labelsQuery(relation, values)) })
  return (relation, value) => {
    for (const [index, answer] of answers.entries()) {
      const label = asked[index]?.relation.name === relation.name ? answer.data?.get(String(value)) : undefined
      if (label !== undefined) return label
    }
    return undefined
  }
}

/** The values of one column in some rows, each once and in a fixed order. */
export function pointedTo(rows: readonly Row[], column: string): string[] {
  const values = rows.flatMap((row) => (row[column] === null || row[column] === undefined ? [] : [String(row[column])]))
  return [...new Set(values)].sort()
}
