import type { Sql } from '../../../platform/db/tables/tables-dialect.ts'
import type { Compiling, Condition, Field } from './condition.ts'
import { type OperatorName, successor } from './operators.ts'

type Test = Extract<Condition, { kind: 'test' }>

/** Above `low`, below `high`. */
type Side = 'low' | 'high'

/** One test of a column for each side it has a bound on. */
const sidesOf = ({
  operator,
  values: [first = '', second = ''],
}: Test): readonly (readonly [OperatorName, string])[] => {
  switch (operator) {
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return [[operator, first]]
    case 'between':
      return [
        ['gte', first],
        ['lte', second],
      ]
    case 'starts': {
      const end = first === '' ? undefined : successor(first)
      return end === undefined
        ? []
        : [
            ['gte', first],
            ['lt', end],
          ]
    }
    default:
      return []
  }
}

const sideOf = (operator: OperatorName): Side => (operator.startsWith('g') ? 'low' : 'high')

/**
 * SQLite takes one bound of a column into an index, and not always the one that leaves least to read: behind a place far
 * down a list it would begin with the filter's. So the bounds of the filter on this side of the column are found, to be
 * asked together with the place, and the tests they are from are asked of each row that is read.
 */
export function takeBounds(
  condition: Condition,
  { column, isPlain }: Field,
  side: Side,
  { dialect: { oneBound } }: Compiling,
): { condition: Condition; bounds: readonly string[] } {
  const bounds: string[] = []
  if (!oneBound || !isPlain) return { condition, bounds }
  const aside = (field: Field): Field => ({ ...field, ref: (alias) => oneBound.aside(field.ref(alias)) })
  const taken = (each: Condition): Condition => {
    if (each.kind === 'all') return { ...each, items: each.items.map(taken) }
    if (each.kind !== 'test' || each.field.column !== column) return each
    const sides = sidesOf(each)
    if (!sides.some(([operator]) => sideOf(operator) === side)) return each
    const items = sides.map(([operator, value]): Condition => {
      const isOfSide = sideOf(operator) === side
      if (isOfSide) bounds.push(value)
      return { kind: 'test', field: isOfSide ? aside(each.field) : each.field, operator, values: [value] }
    })
    return { kind: 'all', items }
  }
  return { condition: taken(condition), bounds }
}

/** The bound that leaves least, of those on one side. */
export const tightest = (bounds: readonly Sql[], side: Side, { dialect: { oneBound } }: Compiling): Sql | undefined =>
  oneBound?.tightest(bounds, side === 'low')
