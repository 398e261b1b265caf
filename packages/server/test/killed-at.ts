import { AsyncLocalStorage } from 'node:async_hooks'
import SqliteDatabase from 'better-sqlite3'
import * as mysql from 'mysql2/promise'
import pg from 'pg'
import { expect } from 'vitest'
import type { Answer } from './test-app.ts'

/** As a process ends that is killed: what its statements have done stays, what it would do does not happen. */
class Killed extends Error {
  override readonly name = 'Killed'
}

let count = 0
let at: { statement: number; answered: boolean } | undefined
let isDead = false
/** What the application does beside the work, a job say, would be counted in one round and not in the next. */
const inWork = new AsyncLocalStorage<true>()

/** Called before a statement that leaves for a database, on any engine. Answers whether its answer is not heard of. */
function leaves(): boolean {
  if (isDead) throw new Killed()
  if (!inWork.getStore()) return false
  count++
  if (at === undefined || count !== at.statement) return false
  isDead = true
  if (!at.answered) throw new Killed()
  return true
}

type Method = (this: unknown, ...values: unknown[]) => unknown

function around(prototype: object, method: string, wrap: (original: Method) => Method): void {
  const methods = prototype as Record<string, Method>
  methods[method] = wrap(methods[method] as Method)
}

/** Rows of SQLite come at once. */
const atOnce = (original: Method): Method =>
  function (...values) {
    const isLast = leaves()
    const answer = original.apply(this, values)
    if (isLast) throw new Killed()
    return answer
  }

const later = (original: Method): Method =>
  async function (...values) {
    const isLast = leaves()
    const answer = await original.apply(this, values)
    if (isLast) throw new Killed()
    return answer
  }

const memory = new SqliteDatabase(':memory:')
const statement = Object.getPrototypeOf(memory.prepare('select 1')) as object
memory.close()
for (const method of ['run', 'all']) around(statement, method, atOnce)
/** Statements that leave together, of which one after the other is answered: what the driver is told of them is a promise. */
const isGroup = (value: unknown): value is { results: Promise<unknown> } =>
  typeof value === 'object' && value !== null && 'results' in value

const oneOrMany = (original: Method): Method => {
  const one = later(original)
  return function (...values) {
    const [group] = values
    if (!isGroup(group)) return one.apply(this, values)
    const isLast = leaves()
    original.apply(this, values)
    if (isLast) {
      const unheard = group.results.then(() => Promise.reject(new Killed()))
      unheard.catch(() => {})
      Object.assign(group, { results: unheard })
    }
    return group
  }
}
around(pg.Client.prototype, 'query', oneOrMany)
const { PromiseConnection } = mysql as unknown as { PromiseConnection: { prototype: object } }
for (const method of ['execute', 'query']) around(PromiseConnection.prototype, method, later)

/**
 * Runs `work`, whose process ends before its `statement`th statement, or after it and before the answer to it. From then
 * on nothing reaches the database until this is over. Answers false where the work was over before.
 */
async function killedAt(
  place: { statement: number; answered: boolean },
  work: () => Promise<unknown>,
): Promise<boolean> {
  count = 0
  at = place
  try {
    await inWork.run(true, work).catch(() => {})
    return isDead
  } finally {
    at = undefined
    isDead = false
  }
}

export interface Round {
  request(): Promise<Answer>
  effects(): Promise<unknown>
}

/**
 * Ends the process before each statement of a request with a key, and after each of them before the answer to it, until
 * one comes through; repeats it then, twice. Answers how the first repeats ended: done now, or as it was kept.
 */
export async function killedEverywhere(
  endLeases: () => Promise<unknown>,
  round: () => Promise<Round>,
  once: unknown,
): Promise<string[]> {
  const ends: string[] = []
  for (let statement = 1; ; statement++) {
    for (const answered of [false, true]) {
      const { request, effects } = await round()
      const place = `${answered ? 'after' : 'before'} statement ${statement}`
      if (!(await killedAt({ statement, answered }, request))) return ends
      await endLeases()
      const answer = await request()
      const again = await request()
      expect([place, again.status, again.body]).toEqual([place, answer.status, answer.body])
      expect([place, await effects()]).toEqual([place, once])
      ends.push(answer.headers['idempotency-replayed'] ? 'kept' : String(answer.json.code ?? 'done'))
    }
  }
}
