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
  ...count('M', 36, 2),
  'M43',
]

/** Ids in the names of tests, and not in their comments: a name is what a run shows. */
function provenRows(): Set<string> {
  const files = globSync(['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts'], { cwd: root })
  const names = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(['"`])((?:[A-Z]{1,2}\d{1,2}[ :,].{0,300}?))\1/g)].map(
      (match) => match[2] ?? '',
    ),
  )
  return new Set(names.flatMap((name) => name.match(/\b(?:AU|SE|TK|OA|AZ|M)\d{1,2}\b/g) ?? []))
}

it('every acceptance row is in the name of a test, or has a written reason', () => {
  const page = readFileSync(join(root, 'docs/security/asvs.md'), 'utf8')
  const [withoutTest = ''] = page.split('Rows that are tested in part')
  const reasons = new Set(
    [...withoutTest.matchAll(/^\| ((?:[A-Z]{1,2}\d+(?:, )?)+) \|/gm)].flatMap((match) => match[1]?.split(', ') ?? []),
  )
  const proven = provenRows()
  expect(proven.size).toBeGreaterThan(60)
  expect(rows.filter((row) => !proven.has(row) && !reasons.has(row))).toEqual([])
})
