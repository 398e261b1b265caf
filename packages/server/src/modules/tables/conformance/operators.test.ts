import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appWithSamples, idsOf } from '../../../../test/conformance/app-with-samples.ts'
import { cases } from '../../../../test/conformance/operator-cases.ts'
import { rows, sendable, types } from '../../../../test/conformance/samples.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'
import { type OperatorName, operators } from '../query/operators.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  ;({ app, root } = await appWithSamples())
})
afterAll(() => app.drop())

const names = Object.keys(operators) as OperatorName[]
const all = [1, 2, 3, 4, 5, 6, 7]
const ask = async (filter: object) =>
  idsOf(await root.post('/data/samples/query', { filter, sort: 'id', fields: 'id' }))

describe('W06: every operator, on every type', () => {
  it.each(types)('T06: %s', async (type) => {
    for (const operator of names) {
      const takes = (operators[operator].types as ReadonlySet<string>).has(type)
      const given = cases[type][operator] ?? []
      // A new operator or type belongs in here.
      expect([type, operator, given.length > 0]).toEqual([type, operator, takes])
      if (!takes) {
        const refused = await ask({ [`c_${type}`]: { [operator]: '1' } })
        expect([operator, refused]).toEqual([operator, `${operator} cannot be used with a column of type ${type}`])
      }
      for (const [value, ids] of given) {
        const test = { [`c_${type}`]: { [operator]: value } }
        expect([test, await ask(test)]).toEqual([test, ids])
        // What is not true is its opposite, of nulls too.
        expect([{ not: test }, await ask({ not: test })]).toEqual([
          { not: test },
          all.filter((id) => !ids.includes(id)),
        ])
      }
    }
  })

  it('T06: the short form asks the same, as far as an address can say it', async () => {
    for (const type of types) {
      for (const operator of names) {
        for (const [value, ids] of cases[type][operator] ?? []) {
          const isList = Array.isArray(value)
          if (isList && value.some((item) => String(item).includes(','))) continue
          // In quotes, what looks like a number is text.
          const list = isList && type === 'json' ? value.map((item) => JSON.stringify(item)) : value
          const written = typeof value === 'object' && !isList ? JSON.stringify(value) : String(list)
          const name = `filter[c_${type}][${operator}]`
          const query = new URLSearchParams({ [name]: written, fields: 'id' })
          expect([name, value, idsOf(await root.get(`/data/samples?${query}`))]).toEqual([name, value, ids])
        }
      }
    }
  })
})

describe('T06: values are read as they were written', () => {
  it('T06: every type, with null, empty text, quotes, Unicode and all bytes', async () => {
    const { json } = await root.get('/data/samples', { prefer: 'numbers=string' })
    const expected = rows.map((row) => ({ ...row, c_other: row.id === 1 ? '10.0.0.1' : null }))
    // What is an integer on SQLite may always have 64 bits, and is text in this form.
    const plain = (row: { id: unknown }) => ({ ...row, id: Number(row.id) })
    expect(json.data.map(plain)).toEqual(expected)
    for (const row of expected) {
      const one = await root.get(`/data/samples/${row.id}`, { prefer: 'numbers=string' })
      expect(plain(one.json)).toEqual(row)
    }
  })

  it('T06: what is read is written back without a change, column by column, and the ETag stays', async () => {
    for (const row of rows) {
      const before = await root.get(`/data/samples/${row.id}`, { prefer: 'numbers=string' })
      const { c_other: _, ...sent } = sendable(before.json)
      const after = await root.patch(`/data/samples/${row.id}`, sent, { 'if-match': String(before.headers.etag) })
      expect([row.id, after.status, after.headers.etag]).toEqual([row.id, 200, before.headers.etag])
    }
  })

  it('T06: without that preference numbers have all their digits too', async () => {
    const { body } = await root.get('/data/samples/1?fields=c_integer,c_decimal')
    expect(body).toBe('{"c_integer":9223372036854775807,"c_decimal":12345678901.2345}')
  })
})
