import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const count = (prefix: string, last: number, digits = 1) =>
  Array.from({ length: last }, (_, index) => `${prefix}${String(index + 1).padStart(digits, '0')}`)

/** What the design asks of accounts; the ids are those of its tables. */
const rows = [
  ...count('AU', 16),
  ...count('SE', 11),
  ...count('TK', 6),
  ...count('OA', 7),
  ...count('AZ', 7),
  ...count('M', 37, 2),
  ...['M43', 'M55', 'M56', 'M58'],
  ...count('WS', 3),
  ...count('FI', 4),
  ...['M45', 'M46', 'M47', 'M48', 'M49', 'M51', 'VA4'],
]

const pattern = /(['"`])((?:[A-Z]{1,2}\d{1,2}[ :,].{0,300}?))\1/g

/** By file, the ids in the names of its tests, and not in its comments: a name is what a run shows. */
const proven = new Map(
  globSync(['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts'], { cwd: root }).map((file) => {
    const names = [...readFileSync(join(root, file), 'utf8').matchAll(pattern)].map((match) => match[2] ?? '')
    return [file, new Set(names.flatMap((name) => name.match(/\b(?:AU|SE|TK|OA|AZ|WS|FI|VA|M)\d{1,2}\b/g) ?? []))]
  }),
)
const page = readFileSync(join(root, 'docs/security/asvs.md'), 'utf8')
/** Lines of the page's tables, by their row. */
const listed = (text: string) =>
  [...text.matchAll(/^\| ((?:[A-Z]{1,2}\d+(?:, )?)+) \|(.*)\|$/gm)].flatMap((match) =>
    (match[1]?.split(', ') ?? []).map((row) => ({ row, rest: match[2] ?? '' })),
  )

it('every acceptance row is in the name of a test, or has a written reason', () => {
  const [, withoutTest = ''] = page.split(/Rows without a test|Rows that are tested in part/)
  const reasons = new Set(listed(withoutTest).map(({ row }) => row))
  const tested = new Set([...proven.values()].flatMap((ids) => [...ids]))
  expect(tested.size).toBeGreaterThan(60)
  expect(rows.filter((row) => !tested.has(row) && !reasons.has(row))).toEqual([])
})

it('every acceptance row stands on the page with tests that prove it, or with the reason', () => {
  const [tables = '', reasons = ''] = page.split(/Rows without a test|Rows that are tested in part/)
  const tests = listed(tables)
  const places = ['packages/server/src/modules/', 'packages/server/src/', 'packages/server/test/', '']
  const isProof = (row: string, name: string) =>
    places.some((place) => proven.get(`${place}${name}.test.ts`)?.has(row) === true)
  const wrong = tests.flatMap(({ row, rest }) =>
    [...rest.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => (isProof(row, name) ? [] : [`${row}: ${name}`])),
  )
  expect(wrong).toEqual([])
  const named = new Set([...tests.filter(({ rest }) => rest.includes('`')), ...listed(reasons)].map(({ row }) => row))
  expect(rows.filter((row) => !named.has(row))).toEqual([])
})
