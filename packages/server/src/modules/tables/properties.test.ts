import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  appWithCards,
  cardColumns,
  cards,
  compare,
  filter,
  holds,
  named,
  numeric,
  ownerColumns,
  owners,
  pick,
  type Row,
  type Rule,
  request,
  ruleOf,
  seen,
  valueFor,
} from '../../../test/naive-rules.ts'
import { rowsInTables } from '../../../test/sample-tables.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { AppError } from '../../platform/errors.ts'
import { TableAccess, toEntry } from './index.ts'

let app: TestApp
beforeAll(async () => {
  app = await appWithCards()
})
afterAll(() => app.drop())

it('AZ4 W02: random rules, rows and requests are answered as a naive reader of them would', async () => {
  const { registry, reading, aggregates } = app.services.tables
  const snapshot = await registry.snapshot()
  let answered = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(ruleOf(cardColumns, filter), { minLength: 1, maxLength: 3 }),
      fc.array(
        ruleOf(
          ownerColumns,
          numeric(valueFor.rank).map((test) => ({ rank: test })),
        ),
        { minLength: 1, maxLength: 2 },
      ),
      request,
      async (cardRules, ownerRules, { filter: asked, sort, expand }) => {
        const set = (name: string, rules: readonly Rule[]) => {
          const entry = snapshot.tables.get(name)
          if (!entry) throw new Error(name)
          const byRole = Object.fromEntries(rules.map((rule, index) => [`r${index}`, rule]))
          return [name, toEntry(snapshot.tables, entry.table, { exposed: true, rules: byRole })] as const
        }
        const tables = new Map([set('cards', cardRules), set('owners', ownerRules)])
        const access = new TableAccess(
          { ...snapshot, tables },
          { userId: 'u1', roles: ['r0', 'r1', 'r2'], isFull: false },
          new Date(),
        )
        const visible = seen(cards as unknown as Row[], cardRules, cardColumns)
        const visibleOwners = seen(owners as unknown as Row[], ownerRules, ownerColumns)
        const owner = (row: Row) => visibleOwners.find(({ id }) => id === row.owner_id)
        const cardNames = cardColumns.filter((name) =>
          cardRules.some(({ fields }) => !fields || fields.read.includes(name)),
        )
        const ownerNames = ownerColumns.filter((name) =>
          ownerRules.some(({ fields }) => !fields || fields.read.includes(name)),
        )
        const known = new Set([
          ...cardNames,
          ...(cardNames.includes('owner_id') ? ownerNames.map((name) => `owner.${name}`) : []),
        ])
        const isKnown =
          named(asked).every((name) => known.has(name)) &&
          sort.split(',').every((name) => name === '' || known.has(name.replace('-', ''))) &&
          (expand === undefined || cardNames.includes('owner_id'))
        const query = { filter: asked, sort, expand, limit: 100, count: 'exact' as const }
        if (!isKnown) {
          const refused = await reading
            .listWith(access, 'cards', query, { exactAsText: false })
            .catch((error: unknown) => error)
          expect(refused instanceof AppError && refused.code).toBe('bad_filter')
          return
        }
        answered++
        const order = [...sort.split(',').filter(Boolean), 'id']
        const expected = visible
          .filter((row) => holds(asked, { row, owner }))
          .sort((x, y) => {
            for (const term of order) {
              const name = term.replace('-', '')
              const [left = null, right = null] = [x[name], y[name]]
              if (left === right) continue
              if (left === null || right === null) return left === null ? 1 : -1
              return compare(left, right) * (term.startsWith('-') ? -1 : 1)
            }
            return 0
          })
          .map((row) => (expand ? { ...row, owner: owner(row) ?? null } : row))
        const answer = JSON.parse(await reading.listWith(access, 'cards', query, { exactAsText: false }))
        expect(answer.data).toEqual(expected)
        expect(answer.page.total).toBe(expected.length)
        const counted = JSON.parse(
          await aggregates.aggregateWith(access, 'cards', { filter: JSON.stringify(asked), metrics: 'count' }, false),
        )
        expect(counted.data).toEqual([{ count: expected.length }])
        const id = String(pick(cards, answered).id)
        const one = await reading
          .getWith(access, 'cards', id, { exactAsText: false })
          .catch((error: AppError) => error.code)
        const row = visible.find((item) => String(item.id) === id)
        expect(typeof one === 'string' ? one : JSON.parse(one.json)).toEqual(row ?? 'not_found')
      },
    ),
    { numRuns: 150 },
  )
  expect(answered).toBeGreaterThan(20)
  expect(await rowsInTables(app, 'select id from cards')).toHaveLength(24)
}, 120_000)
