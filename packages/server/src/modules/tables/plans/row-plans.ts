import type { CompiledQuery } from 'kysely'
import type { DatabaseHandle } from '../../../platform/db/database.ts'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { Sql, SteadyStatements } from '../../../platform/db/tables/tables-dialect.ts'
import { untold } from '../../../platform/decision-steps.ts'
import { AppError } from '../../../platform/errors.ts'
import { TableAccess } from '../policy/table-access.ts'
import { type Given, StandIns, Unplannable } from '../query/stand-ins.ts'
import type { TableEntry } from '../registry.ts'
import type { ReadRow } from './row-reader.ts'

/** A statement for everybody with the same roles, whatever values they bring. */
export interface Statement {
  /** In an open transaction. */
  ask(tx: Db, given: Given): Promise<ReadRow[]>
  /** Outside of any, in what the statement was written for. */
  read(handle: Pick<DatabaseHandle, 'ask'>, given: Given): ReadRow[] | Promise<ReadRow[]>
}

/** What a plan is written with. */
export interface Planning {
  access: TableAccess
  standIns: StandIns
}

/** What may be kept for the tables as they are, and all that is kept of it when there is more. */
const most = 500

/**
 * What is asked for again and again is worked out once: which roles see which rows and columns, and the statement for it.
 * It is kept as long as the tables and their rules are what they were, by the caller's roles and the form of the request.
 * A plan holds no decision of its own: it is what the general way has written for these roles. What it cannot do, and all
 * that ends with a refusal, goes that way.
 */
export class Plans<Plan> {
  readonly #kept = new WeakMap<ReadonlyMap<string, TableEntry>, Map<string, Plan | undefined>>()

  /** Undefined where the general way has to be taken. */
  find(access: TableAccess, form: string, make: (begin: () => Planning) => Plan): Plan | undefined {
    const { snapshot, caller } = access
    let plans = this.#kept.get(snapshot.tables)
    if (!plans) {
      plans = new Map()
      this.#kept.set(snapshot.tables, plans)
    }
    const key = `${caller.isFull ? 'all' : `of ${caller.roles.join('\n')}`}\0${form}`
    const known = plans.get(key)
    if (known !== undefined || plans.has(key)) return known
    if (plans.size >= most) plans.clear()
    const plan = untold(() => orNone(() => make(() => begin(access))))
    plans.set(key, plan)
    return plan
  }
}

/** Nobody's in particular: of everybody with the roles of `access`. */
function begin({ snapshot, caller, macros }: TableAccess): Planning {
  const standIns = new StandIns(snapshot.dialect)
  return { access: new TableAccess(snapshot, { ...caller, userId: '' }, macros.now, standIns), standIns }
}

function orNone<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof Unplannable || error instanceof AppError) return undefined
    throw error
  }
}

type Rows = ReadRow[]

/** Tests whose values come later, by their columns: what they are equal to, and behind which they lie. */
export interface LaterTests {
  equal: readonly Column[]
  behind?: Column | undefined
}

/** `tests`: all that a request compares with, where they are known to be of no other kind. */
export function statementOf(access: TableAccess, standIns: StandIns, text: Sql, tests?: LaterTests): Statement {
  const compiled = text.compile(access.snapshot.handle.db)
  const bind = standIns.binder(compiled.sql, compiled.parameters)
  const { steady } = access.snapshot.dialect
  const isSeen = compiled.parameters.map((parameter) => {
    const type = standIns.typeOf(parameter)
    return type !== undefined && (steady?.seen.has(type) ?? false)
  })
  let sqlText = tests && isSeen.includes(true) ? undefined : compiled.sql
  return {
    ask: async (tx, given) => {
      const query = { ...compiled, parameters: bind(given) } as CompiledQuery<ReadRow>
      return (await tx.executeQuery(query)).rows
    },
    read: (handle, given) => {
      if (sqlText !== undefined) return handle.ask(sqlText, bind(given)) as Rows | Promise<Rows>
      return (async () => {
        sqlText = await steadyText(handle, compiled.sql, { steady, tests, isSeen, parameters: bind(given) })
        return (await handle.ask(sqlText, bind(given))) as Rows
      })()
    },
  }
}

interface Steadying {
  steady: SteadyStatements | undefined
  tests: LaterTests | undefined
  isSeen: readonly boolean[]
  parameters: readonly unknown[]
}

/** The statement as it is asked from now on. */
async function steadyText(
  handle: Pick<DatabaseHandle, 'ask'>,
  text: string,
  { steady, tests, isSeen, parameters }: Steadying,
): Promise<string> {
  if (!steady || !tests) return text
  const ofSeen = ({ type }: Column) => steady.seen.has(type)
  const equal = tests.equal.filter(ofSeen).map(({ name }) => name)
  const behind = tests.behind && ofSeen(tests.behind) ? tests.behind.name : undefined
  const blind = steady.blind(text, isSeen)
  const steps = await handle.ask(steady.explain(blind), parameters)
  return steady.isSure(steps, { equal, behind }) ? blind : text
}
