import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { auditTypes } from './audit-types.ts'

const src = join(import.meta.dirname, '../..')
const code = globSync('**/*.ts', { cwd: src })
  .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('audit-types.ts'))
  .map((file) => readFileSync(join(src, file), 'utf8'))

/** Types whose occasion does not exist yet, and which one it will be. */
const comingTypes: Record<string, string> = {}

it('D01: every type of event is written down somewhere', () => {
  // Mails have names that are alike.
  const written = (type: string) => code.some((text) => new RegExp(`(?<!template): '${type}'|, '${type}'`).test(text))
  const silent = Object.keys(auditTypes).filter((type) => !written(type) && !(type in comingTypes))
  expect(silent).toEqual([])
  expect(Object.keys(comingTypes).filter(written), 'is written down by now').toEqual([])
})
