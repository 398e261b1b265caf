import { appWithTables, expose, runInTables } from '../sample-tables.ts'
import type { TestApp, Visitor } from '../test-app.ts'
import { insertOther, rows, samplesTable, sendable } from './samples.ts'

/** A table with a column of every type, filled through the API. */
export async function appWithSamples(): Promise<{ app: TestApp; root: Visitor }> {
  const app = await appWithTables([samplesTable])
  const root = await app.holderOf(['admin'])
  await expose(root, 'samples', { operators: ['ilike', 'regex'] })
  const made = await root.post('/data/samples', rows.map(sendable))
  if (made.status !== 201) throw new Error(made.body)
  await runInTables(app, [insertOther])
  return { app, root }
}

export const idsOf = (answer: { json: { data?: { id: number }[]; detail?: string } }) =>
  answer.json.data?.map(({ id }) => id) ?? answer.json.detail
