import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import { platformErrors } from '../../../platform/errors.ts'
import type { Cursors } from '../../../platform/http/cursor.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import { PlannedReading } from '../plans/planned-reading.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import { compile } from '../query/compile.ts'
import { type ListQuery, type ListRequest, parseListRequest } from '../query/list-request.ts'
import { parseSelection } from '../query/selection.ts'
import { expandRows, linksOf } from './expand.ts'
import { translate } from './failures.ts'
import { rowEtag } from './row-etag.ts'
import { parseKey } from './row-key.ts'
import { cursorPage, listOf, pageJson, type RowPage, readPlace, signPlace } from './row-page.ts'
import { from, matching, orderOf, rowJson, selectRows, textCells, whereOf } from './select.ts'

export interface ReadingDependencies extends CallerAccessDependencies {
  cursors: Cursors
}

/** How an answer is wanted. */
interface Wanted {
  exactAsText: boolean
  /** Each step of the decision is told, so none may have been taken before. */
  isExplained?: boolean
}

export interface Shape extends Wanted {
  fields?: string | undefined
  expand?: string | undefined
}

interface FoundRow {
  json: string
  etag: string
  isWhole: boolean
}

/** An estimate counts no further. */
const estimateLimit = 10_000

/** Rows as their readers may see them. Answers are JSON texts, written by the database. */
export class ReadingService {
  readonly #deps: ReadingDependencies
  readonly #planned: PlannedReading

  constructor(deps: ReadingDependencies) {
    this.#deps = deps
    this.#planned = new PlannedReading(deps.cursors)
  }

  /** Throws not_found, forbidden, bad_filter, paging_conflict, bad_cursor. */
  async list(actor: Actor, table: string, query: ListQuery, shape: Wanted): Promise<RowPage> {
    return this.#list(await accessOf(this.#deps, actor), table, query, shape)
  }

  async listWith(access: TableAccess, table: string, query: ListQuery, shape: Wanted): Promise<string> {
    return (await this.#list(access, table, query, shape)).json
  }

  async #list(access: TableAccess, table: string, query: ListQuery, shape: Wanted): Promise<RowPage> {
    const isPlain = !shape.exactAsText && !shape.isExplained
    const planned = isPlain ? this.#planned.list(access, table, query) : undefined
    const known = planned && (await this.guarded(access, planned))
    if (known) return known
    const view = access.view(table, 'list')
    const request = parseListRequest(view, query)
    return this.guarded(access, () => this.#page(access, view, request, shape.exactAsText))
  }

  async get(actor: Actor, table: string, keyText: string, shape: Shape): Promise<FoundRow> {
    return this.getWith(await accessOf(this.#deps, actor), table, keyText, shape)
  }

  async getWith(access: TableAccess, table: string, keyText: string, shape: Shape): Promise<FoundRow> {
    const { fields, expand, exactAsText, isExplained } = shape
    const isPlain = !fields && !expand && !exactAsText && !isExplained
    const planned = isPlain ? this.#planned.get(access, table, keyText) : undefined
    const known = planned && (await this.guarded(access, planned))
    if (known) return { ...known, isWhole: true }
    const view = access.view(table, 'get')
    const key = parseKey(view, keyText)
    const selection = parseSelection(view, shape)
    return this.guarded(access, async () => {
      const { compiling: context, snapshot } = access
      const alias = context.alias()
      const where = whereOf([matching(view.key, [key], alias, context), view.visible(alias)])
      const cells = textCells(linksOf(selection), alias, context)
      const columns = [
        sql`${rowJson(selection.fields, alias, context, shape.exactAsText)} as ${sql.id('json')}`,
        sql`${rowJson([...view.readable.values()], alias, context, false)} as ${sql.id('whole')}`,
        ...cells,
      ]
      const { rows } = await sql<Record<string, string | null>>`
        select ${sql.join(columns)} from ${sql.id(view.table)} as ${sql.id(alias)}${where}`.execute(snapshot.handle.db)
      const [row] = rows
      if (!row) throw platformErrors.not_found()
      const found = { json: row.json ?? '{}', cells: cells.map((_, index) => row[`c${index}`] ?? null) }
      const [json = '{}'] = await expandRows(snapshot.handle.db, context, { selection, ...shape }, [found])
      return { json, etag: rowEtag(row.whole ?? '{}'), isWhole: selection.expands.length === 0 }
    })
  }

  /** Runs what asks the tables' database; its errors leave in our words. */
  async guarded<T>({ snapshot }: Pick<TableAccess, 'snapshot'>, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const { handle, dialect } = snapshot
      const translated = translate(error, dialect, () => this.#deps.registry.forget(true))
      if (translated !== error) throw translated
      throw handle.dialect.isUnavailable(error)
        ? platformErrors.unavailable({ cause: error, members: { retry_after: 2 } })
        : error
    }
  }

  async #page(access: TableAccess, view: TableView, request: ListRequest, exactAsText: boolean): Promise<RowPage> {
    const { compiling: context, snapshot } = access
    const { sort, selection, limit, page } = request
    const { db } = snapshot.handle
    const alias = context.alias()
    const hasKey = view.key.length > 0
    const place =
      request.cursor === undefined ? undefined : readPlace(this.#deps.cursors, listOf(view, request), request.cursor)
    const isBackwards = place?.backwards ?? false
    const where = from(request.condition, sort, place?.values, { alias, context, backwards: isBackwards })
    const links = linksOf(selection)
    const rows = await selectRows(
      db,
      {
        view,
        alias,
        fields: selection.fields,
        cells: [...links, ...sort.map(({ field }) => field)],
        where: [...where, view.visible(alias)],
        order: sort.length > 0 ? orderOf(sort, alias, context, isBackwards) : undefined,
        limit: limit + 1,
        offset: page === undefined ? 0 : (page - 1) * limit,
        exactAsText,
      },
      context,
    )
    const shown = rows.slice(0, limit)
    if (isBackwards) shown.reverse()
    const data = await expandRows(db, context, { selection, exactAsText }, shown)
    const countWanted = page !== undefined ? 'exact' : request.count
    const total = countWanted === 'none' ? undefined : await this.#count(access, view, request, countWanted === 'exact')
    if (page !== undefined) {
      const paging = { number: page, limit, total: total ?? 0, pages: Math.ceil((total ?? 0) / limit) }
      return { json: pageJson(data, paging), page: paging }
    }
    const cursorAt = (index: number, backwards: boolean): string | null => {
      const row = shown.at(index)
      if (!row || !hasKey) return null
      return signPlace(this.#deps.cursors, listOf(view, request), row.cells.slice(links.length), backwards)
    }
    const hasMore = rows.length > limit
    return cursorPage(data, { limit, total, hasMore, isBackwards, hasPlace: place !== undefined }, cursorAt)
  }

  async #count(access: TableAccess, view: TableView, { condition }: ListRequest, isExact: boolean): Promise<number> {
    const { compiling: context, snapshot } = access
    const alias = context.alias()
    const where = whereOf([compile(condition, alias, context), view.visible(alias)])
    const from = sql`from ${sql.id(view.table)} as ${sql.id(alias)}${where}`
    const counted = isExact
      ? sql<{ total: number }>`select count(*) as total ${from}`
      : sql<{
          total: number
        }>`select count(*) as total from (select 1 as one ${from} limit ${estimateLimit}) as counted`
    const { rows } = await counted.execute(snapshot.handle.db)
    return Number(rows[0]?.total ?? 0)
  }
}
