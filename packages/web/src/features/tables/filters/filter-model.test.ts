import { describe, expect, it } from 'vitest'
import { countTests, type FilterNode, followsRelations, fromFilter, relationsIn, toFilter } from './filter-model.ts'

const types: Record<string, string> = { title: 'text', price: 'decimal', open: 'boolean', id: 'integer' }
const area = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 0],
    ],
  ],
}
const typeOf = (path: string) => types[path]
const round = (filter: Record<string, unknown>) => {
  const group = fromFilter(filter)
  return group && toFilter(group, typeOf)
}

describe('the filter builder', () => {
  it('shows a filter and gives the same one back', () => {
    for (const filter of [
      { title: { icontains: 'boat' } },
      { and: [{ price: { gte: '10' } }, { open: { eq: true } }] },
      { or: [{ title: { eq: '' } }, { and: [{ id: { in: ['1', '2'] } }, { price: { between: ['1', '2.5'] } }] }] },
      { title: { null: false } },
      { not: { open: { eq: true } } },
      { and: [{ not: { or: [{ title: { search: 'red boat' } }, { title: { regex: '^x' } }] } }, { id: { eq: '1' } }] },
      { title: { in: ['a,b', ' c', 'say "d"', 'e'] } },
      { tags: { has_any: ['red', '7', 7, true, 'true', -1.5, 'a,b', '', ' x', '$me', '7b'] } },
      { and: [{ tags: { has_all: ['say "d"'] } }, { at: { near: [13.4, -52.5, 800] } }] },
      { or: [{ at: { bbox: [170, -5, -170, 5] } }, { not: { at: { within: area } } }] },
    ]) {
      expect(round(filter)).toEqual(filter)
    }
  })

  it('reads the short ways to write the same', () => {
    expect(round({ open: true, price: null })).toEqual({ and: [{ open: { eq: true } }, { price: { null: true } }] })
    expect(round({ price: { gte: 1, lt: 5 } })).toEqual({ and: [{ price: { gte: '1' } }, { price: { lt: '5' } }] })
    expect(round({ owner: '$me' })).toEqual({ owner: { eq: '$me' } })
  })

  it('asks about related rows, where they are offered', () => {
    const known: Record<string, string> = { ...types, 'crew.at_sea': 'boolean', 'crew.name': 'text' }
    const again = (filter: Record<string, unknown>) => {
      const group = fromFilter(filter, ['crew'])
      return group && toFilter(group, (path) => known[path])
    }
    for (const filter of [
      { crew: { some: { at_sea: { eq: true } } } },
      { crew: { none: {} } },
      {
        or: [{ title: { eq: 'x' } }, { crew: { none: { or: [{ name: { eq: 'Ann' } }, { at_sea: { eq: false } }] } } }],
      },
      { not: { crew: { some: { name: { in: ['a', 'b'] } } } } },
    ]) {
      expect(again(filter)).toEqual(filter)
      expect(fromFilter(filter)).toBeUndefined()
      expect(followsRelations(filter)).toBe(true)
    }
    expect(again({ crew: { some: { ship: { some: {} } } } })).toBeUndefined()
    expect(again({ crew: { some: {}, none: {} } })).toBeUndefined()
    expect(followsRelations({ or: [{ title: { eq: 'some' } }, { id: { in: ['1'] } }] })).toBe(false)
    const group = fromFilter({ and: [{ crew: { some: {} } }, { crew: { none: { name: { eq: 'a' } } } }] }, ['crew'])
    expect(group && [countTests(group), relationsIn(group)]).toEqual([2, ['crew']])
  })

  it('asks where points lie once all of it is written', () => {
    const asked = (operator: string, ...values: string[]) =>
      toFilter({ kind: 'test', path: 'at', operator, values }, typeOf)?.at
    expect(asked('near', ' 13.4', '52.5 ', '800')).toEqual({ near: [13.4, 52.5, 800] })
    for (const values of [[''], ['13.4', '52.5', ''], ['13.4', 'x', '800'], ['13.4', '52.5']])
      expect([values, asked('near', ...values)]).toEqual([values, undefined])
    expect(asked('bbox', '1', '2', '3')).toBeUndefined()
    expect(asked('within', JSON.stringify({ type: 'Feature', geometry: area }))).toEqual({ within: area })
    for (const text of ['', '{', 'null', '[]', '{"type":"Point","coordinates":[0,0]}'])
      expect([text, asked('within', text)]).toEqual([text, undefined])
    expect(fromFilter({ at: { near: [1, 2] } })).toBeUndefined()
    expect(fromFilter({ at: { within: 'x' } })).toBeUndefined()
  })

  it('leaves out what is not filled in', () => {
    const test = (operator: string, ...values: string[]): FilterNode => ({
      kind: 'test',
      path: 'price',
      operator,
      values,
    })
    const group: FilterNode = {
      kind: 'group',
      mode: 'or',
      items: [test('gt', ''), test('between', '1', ''), test('in', ' , ')],
    }
    expect(toFilter(group, typeOf)).toBeUndefined()
    expect(toFilter({ ...group, items: [...group.items, test('lt', '3')] }, typeOf)).toEqual({ price: { lt: '3' } })
  })

  it('does not touch what it cannot show', () => {
    for (const filter of [
      { not: { boats: { some: { open: true } } } },
      { boats: { none: { open: true } } },
      { and: [{ title: { eq: { deep: 1 } } }] },
    ]) {
      expect(fromFilter(filter)).toBeUndefined()
    }
  })
})
