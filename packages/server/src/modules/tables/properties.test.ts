import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  appWithCards,
  cardColumns,
  cards,
  compare,
  type Filter,
  filter,
  holds,
  named,
  numeric,
  ownerColumns,
  owners,
  pick,
  type Row,
  type Rule,
  rawOwner,
  request,
  ruleOf,
  seen,
  valueFor,
} from '../../../test/naive-rules.ts'
import { rowsInTables } from '../../../test/sample-tables.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { type DecisionStep, runInContext } from '../../platform/context.ts'
import { AppError } from '../../platform/errors.ts'
import { TableAccess, toEntry } from './index.ts'

let app: TestApp
beforeAll(async () => {
  app = await appWithCards()
})
afterAll(() => app.drop())

it('AZ4 W02: random rules, rows and requests are answered as a naive reader of them would', async () => {
  const { registry, reading, aggregates, explaining } = app.services.tables
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
        const accessNow = () =>
          new TableAccess(
            { ...snapshot, tables },
            { userId: 'u1', roles: ['r0', 'r1', 'r2'], isFull: false },
            new Date(),
          )
        const access = accessNow()
        /** What an explanation says to a request, and on the way. */
        const explain = async (operation: string, question: { key?: string; query?: object; body?: object }) => {
          const steps: DecisionStep[] = []
          const { key = '', query: given = {}, body = {} } = question
          const asked = { operation, table: 'cards', key, query: given as Record<string, unknown>, body }
          const context = { source: 'job' as const, actor: null, steps }
          return { code: await runInContext(context, () => explaining.outcomeWith(accessNow(), asked, true)), steps }
        }
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
        const explained = await explain('queryRows', { body: query })
        const short = await explain('listRows', { query: { ...query, filter: JSON.stringify(asked) } })
        expect([explained.code, short.code]).toEqual(Array(2).fill(isKnown ? null : 'bad_filter'))
        // The rows the explanation names, read as its words say, are the rows there are.
        const opened = explained.steps.filter(({ rule }) => rule.startsWith('rows of cards for '))
        expect(short.steps.filter(({ rule }) => rule.startsWith('rows of cards for '))).toEqual(opened)
        expect(opened.map(({ values }) => values.role)).toEqual(cardRules.map((_, index) => `r${index}`))
        const openIds = cards
          .filter((card) =>
            opened.some(({ values }) =>
              holds(values.condition as Filter, { row: card as unknown as Row, owner: rawOwner }),
            ),
          )
          .map(({ id }) => id)
        const whole = JSON.parse(await reading.listWith(accessNow(), 'cards', { limit: 100 }, { exactAsText: false }))
        expect(whole.data.map(({ id }: Row) => id)).toEqual(openIds)
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
        const ofOne = await explain('getRow', { key: id })
        expect(ofOne.code).toBe(row ? null : 'not_found')
        const opening = ofOne.steps.filter(({ rule, result }) => rule.startsWith('rows of ') && result === 'allow')
        const isOpenToAll = cardRules.some(({ rows }) => !rows || Object.keys(rows).length === 0)
        expect(opening.length > 0 || isOpenToAll).toBe(row !== undefined)
        expect(typeof one === 'string' ? one : JSON.parse(one.json)).toEqual(row ?? 'not_found')
      },
    ),
    { numRuns: 150 },
  )
  expect(answered).toBeGreaterThan(20)
  expect(await rowsInTables(app, 'select id from cards')).toHaveLength(24)
}, 120_000)
