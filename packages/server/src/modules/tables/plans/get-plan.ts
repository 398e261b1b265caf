import { sql } from 'kysely'
import type { TableAccess } from '../policy/table-access.ts'
import type { Field } from '../query/condition.ts'
import { rowEtag } from '../rows/row-etag.ts'
import { parseKey } from '../rows/row-key.ts'
import { matching, whereOf } from '../rows/select.ts'
import { type Planning, type Statement, statementOf } from './row-plans.ts'
import { type RowReader, rowReader } from './row-reader.ts'

/** One row with all that is seen of it. */
export class GetPlan {
  readonly #key: readonly Field[]
  readonly #reader: RowReader
  readonly #statement: Statement

  constructor({ access, standIns }: Planning, table: string) {
    const view = access.view(table, 'get')
    const { compiling: context } = access
    const alias = context.alias()
    this.#key = view.key
    this.#reader = rowReader([...view.readable.values()], alias, context)
    const key = view.key.map(({ column }, index) => standIns.of(column, ({ place }) => place[index] as string))
    const where = whereOf([matching(view.key, [key], alias, context), view.visible(alias)])
    const columns = sql.join(this.#reader.columns)
    const text = sql`select ${columns} from ${sql.id(view.table)} as ${sql.id(alias)}${where}`
    this.#statement = statementOf(access, standIns, text, { equal: view.key.map(({ column }) => column) })
  }

  /** Undefined where there is no such row for this caller. */
  async read(access: TableAccess, keyText: string): Promise<{ json: string; etag: string } | undefined> {
    const place = parseKey({ key: this.#key }, keyText)
    const { me, now } = access.macros
    const [row] = await this.#statement.read(access.snapshot.handle, { me, now, tests: [], place })
    const json = row && this.#reader.jsonOf(row)
    return json === undefined ? undefined : { json, etag: rowEtag(json) }
  }
}
