import { describe, expect, it } from 'vitest'
import { pageOf } from './fault-results.mjs'

const rowOf = (page, row) => page.split('\n').find((line) => line.startsWith(`| ${row} |`))
const result = (more) => ({ row: 'F1', engine: 'sqlite', held: true, figures: { kills: 10 }, ...more })

describe('the page of fault results', () => {
  it('says of what was never run that it was not, and where a row means nothing', () => {
    const page = pageOf('', [])
    expect(rowOf(page, 'F1')).toMatch(/\| not run \| not run \| not run \|$/)
    expect(rowOf(page, 'F2')).toMatch(/\| does not apply \| not run \| not run \|$/)
    expect(rowOf(page, 'F8 SIGKILL')).toMatch(/\| does not apply \| does not apply \| not run \|$/)
  })

  it('changes the rows that were run and leaves the others', () => {
    const first = pageOf('', [result(), result({ row: 'F15', engine: 'mariadb', figures: { rounds: 40 } })])
    const second = pageOf(first, [
      result({ engine: 'mariadb', held: false, figures: { kills: 3, acknowledged: null } }),
    ])
    expect(rowOf(second, 'F1')).toMatch(
      /\| held: kills 10 \| not run \| \*\*missed\*\*: kills 3, acknowledged never \|$/,
    )
    expect(rowOf(second, 'F15')).toMatch(/\| not run \| not run \| held: rounds 40 \|$/)
    expect(pageOf(second, [])).toBe(second)
  })

  it('takes the last of several results of a row, and keeps nothing of short runs', () => {
    const page = pageOf('| F1 | a | b | kills 3 (short run) | not run | not run |', [
      result({ engine: 'postgres', held: false }),
      result({ engine: 'postgres' }),
    ])
    expect(rowOf(page, 'F1')).toMatch(/\| not run \| held: kills 10 \| not run \|$/)
  })

  it('refuses a row it does not know', () => {
    expect(() => pageOf('', [result({ row: 'F99' })])).toThrow('F99')
  })
})
