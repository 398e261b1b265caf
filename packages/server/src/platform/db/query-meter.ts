import { currentCall } from '../context.ts'
import type { Logger } from '../log.ts'
import { Histogram, queryBounds } from '../measure/histogram.ts'
import { statementOf, wordOf } from './statement-text.ts'

/** One statement, whatever values it was run with. */
export interface StatementStatistics {
  statement: string
  errors: number
  duration: Histogram
}

export interface SlowQuery {
  at: string
  statement: string
  seconds: number
  failed: boolean
  /** The route, command or job it was part of. */
  path: string | null
  request_id: string | null
}

/** One request ran the same statement again and again: what one query could have answered. */
export interface RepeatedQuery {
  path: string
  statement: string
  /** The most within one request. */
  most: number
  /** In how many requests. */
  requests: number
  at: string
}

export const slowSeconds = 1
export const repeatedTimes = 10
const maxTexts = 2_000
const maxStatements = 500
const maxReports = 100

/** Connections that are lent, and those who wait for one. */
export class PoolMeter {
  readonly max: number
  inUse = 0
  waiting = 0

  constructor(max: number) {
    this.max = max
  }

  /** More than twice as many wait as there are connections: much where each is held long, a moment where they are quick. */
  get isCrowded(): boolean {
    return this.waiting > 2 * this.max
  }
}

interface Known {
  statistics: StatementStatistics
  /** Of all statements that begin with the same word. */
  all: Histogram
  word: string
  /** No statement of its own: opening and closing transactions. */
  isFrame: boolean
}

/**
 * How long the database takes, by statement. Only texts are kept, without what stands in quotes: values go to the database
 * beside the text and never come here.
 */
export class QueryMeter {
  readonly #log: Logger
  /** By the first word; kept over a reset, as counters are. */
  readonly byWord = new Map<string, Histogram>()
  #known = new Map<string, Known>()
  #statements = new Map<string, StatementStatistics>()
  #slow: SlowQuery[] = []
  #repeated = new Map<string, RepeatedQuery>()
  #since = new Date()

  constructor(log: Logger) {
    this.#log = log
  }

  get since(): Date {
    return this.#since
  }
  get statements(): readonly StatementStatistics[] {
    return [...this.#statements.values()]
  }
  /** Newest first. */
  get slow(): readonly SlowQuery[] {
    return [...this.#slow].reverse()
  }
  /** The most often repeated first. */
  get repeated(): readonly RepeatedQuery[] {
    return [...this.#repeated.values()].sort((a, b) => b.most - a.most)
  }

  record(sql: string, seconds: number, failed: boolean): void {
    const known = this.#known.get(sql) ?? this.#learn(sql)
    known.all.observe(seconds)
    const call = currentCall()
    call?.span?.piece(known.word, 'client', seconds, { 'db.query.text': known.statistics.statement }, failed)
    if (known.isFrame) return
    const { statistics } = known
    statistics.duration.observe(seconds)
    if (failed) statistics.errors++
    if (seconds >= slowSeconds) this.#noteSlow(statistics.statement, seconds, failed, call)
    if (call?.source !== 'http' && call?.source !== 'socket') return
    call.statements ??= new Map()
    const times = (call.statements.get(statistics.statement) ?? 0) + 1
    call.statements.set(statistics.statement, times)
    if (times >= repeatedTimes) this.#noteRepeated(statistics.statement, times, call.path ?? '')
  }

  /**
   * Statements that went together, of which so many were answered: how long each took is not known, so they share the
   * time, and only together are they slow.
   */
  recordAll(statements: readonly { sql: string }[], seconds: number, answers: number): void {
    const each = seconds / statements.length
    for (const [index, { sql }] of statements.entries()) {
      if (index <= answers) this.record(sql, each, index === answers)
    }
    if (seconds < slowSeconds || each >= slowSeconds) return
    const texts = statements.map(({ sql }) => statementOf(sql)).join('; ')
    this.#noteSlow(texts, seconds, answers < statements.length, currentCall())
  }

  /** Forgets statements and reports; what was counted by word stays. */
  reset(): void {
    this.#known = new Map()
    this.#statements = new Map()
    this.#slow = []
    this.#repeated = new Map()
    this.#since = new Date()
  }

  #learn(sql: string): Known {
    const word = wordOf(sql)
    let all = this.byWord.get(word)
    if (!all) {
      all = new Histogram(queryBounds)
      this.byWord.set(word, all)
    }
    const isFrame = word === 'transaction'
    const text = this.#statements.size < maxStatements ? statementOf(sql) : `(other ${word})`
    let statistics = this.#statements.get(text)
    if (!statistics) {
      statistics = { statement: text, errors: 0, duration: new Histogram(queryBounds) }
      if (!isFrame) this.#statements.set(text, statistics)
    }
    const known = { statistics, all, word, isFrame }
    if (this.#known.size >= maxTexts) this.#known.clear()
    this.#known.set(sql, known)
    return known
  }

  #noteSlow(statement: string, seconds: number, failed: boolean, call: ReturnType<typeof currentCall>): void {
    const about = { path: call?.path ?? null, request_id: call?.requestId ?? null }
    if (this.#slow.length >= maxReports) this.#slow.shift()
    this.#slow.push({ at: new Date().toISOString(), statement, seconds, failed, ...about })
    this.#log.warn({ event: 'slow_query', ms: Math.round(seconds * 1000), statement, ...about }, 'slow query')
  }

  #noteRepeated(statement: string, times: number, path: string): void {
    const key = `${path} ${statement}`
    const known = this.#repeated.get(key)
    if (known) {
      if (times === repeatedTimes) known.requests++
      known.most = Math.max(known.most, times)
      known.at = new Date().toISOString()
    } else if (this.#repeated.size < maxReports) {
      this.#repeated.set(key, { path, statement, most: times, requests: 1, at: new Date().toISOString() })
    }
  }
}
