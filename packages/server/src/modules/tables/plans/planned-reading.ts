import { AppError } from '../../../platform/errors.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { ListQuery } from '../query/list-request.ts'
import { NeedsValue, plainOperators } from '../query/stand-ins.ts'
import { cursorPage, type RowPage, readPlace, signPlace } from '../rows/row-page.ts'
import { GetPlan } from './get-plan.ts'
import { type Beginning, type ListForm, ListPlan } from './list-plan.ts'
import { type Planning, Plans } from './row-plans.ts'

/** Undefined where the general way has to be taken. */
type Work<T> = (() => Promise<T | undefined>) | undefined

/** Tests that have to be in the statement as they are, by their place: the engine wants to see what they compare with. */
type Literal = readonly number[]

/** Reads what plans can read. All else, and every refusal, is the general way's. */
export class PlannedReading {
  readonly #cursors: Cursors
  readonly #rows = new Plans<GetPlan>()
  readonly #forms = new Plans<Literal>()
  readonly #lists = new Plans<ListPlan>()

  constructor(cursors: Cursors) {
    this.#cursors = cursors
  }

  get(access: TableAccess, table: string, keyText: string): Work<{ json: string; etag: string }> {
    const plan = this.#rows.find(access, table, (begin) => new GetPlan(begin(), table))
    return plan && (() => orGeneral(plan.read(access, keyText)))
  }

  list(access: TableAccess, table: string, query: ListQuery): Work<RowPage> {
    const form = formOf(table, query)
    if (!form) return undefined
    const { tests, sort, fields, limit } = form
    const name = JSON.stringify([table, sort, fields, limit, tests.map(([path, operator]) => [path, operator])])
    const literal = this.#forms.find(access, name, (begin) => literalIn(begin, form))
    if (!literal) return undefined
    const values = tests.map(([, , value]) => value as string)
    const planOf = (beginning: Beginning) =>
      this.#lists.find(
        access,
        `${name}${beginning}${literal.length === 0 ? '' : JSON.stringify(literal.map((index) => values[index]))}`,
        (begin) => new ListPlan(begin(), form, literal, beginning),
      )
    return () => orGeneral(this.#page(access, planOf, values, query.cursor))
  }

  async #page(
    access: TableAccess,
    planOf: (beginning: Beginning) => ListPlan | undefined,
    values: readonly string[],
    cursor: string | undefined,
  ): Promise<RowPage | undefined> {
    const first = planOf('first')
    if (!first) return undefined
    const { list, limit, hasKey } = first
    const place = cursor === undefined ? undefined : readPlace(this.#cursors, list, cursor)
    const isBackwards = place?.backwards ?? false
    const plan = place ? planOf(isBackwards ? 'before' : 'behind') : first
    if (!plan || place?.values.includes(null)) return undefined
    const rows = await plan.read(access, values, (place?.values ?? []) as string[])
    const hasMore = rows.length > limit
    if (hasMore) rows.pop()
    if (isBackwards) rows.reverse()
    const data = plan.jsonOf(rows)
    if (!data) return undefined
    const cursorAt = (index: number, backwards: boolean) => {
      const row = rows.at(index)
      return row && hasKey ? signPlace(this.#cursors, list, plan.placeOf(row), backwards) : null
    }
    return cursorPage(data, { limit, hasMore, isBackwards, hasPlace: place !== undefined }, cursorAt)
  }
}

/** The general way says it again, and on the way each step that led there. */
async function orGeneral<T>(work: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** Undefined for a list that is more than tests of one value each, an order and columns. */
function formOf(table: string, query: ListQuery): ListForm | undefined {
  const { filter, short = [], search = '', sort = '', fields = '', expand = '', limit = 20, page, count } = query
  const isPlain = filter === undefined && search === '' && expand === '' && page === undefined
  if (!isPlain || (count ?? 'none') !== 'none') return undefined
  if (short.some(([, operator]) => !plainOperators.has(operator) && operator !== 'null')) return undefined
  return { table, tests: short, sort, fields, limit }
}

function literalIn(begin: () => Planning, form: ListForm): Literal {
  const literal = form.tests.flatMap(([, operator], index) => (plainOperators.has(operator) ? [] : [index]))
  for (;;) {
    try {
      new ListPlan(begin(), form, literal, 'first')
      return literal
    } catch (error) {
      if (!(error instanceof NeedsValue)) throw error
      literal.push(error.index)
    }
  }
}
