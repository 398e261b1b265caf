import type { Problem } from './types.ts'

/** The server refused: switch on `code`, show `message`; `fieldErrors` maps JSON Pointers into the body to texts. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly problem: Problem
  readonly fieldErrors: ReadonlyMap<string, string>
  readonly requestId: string

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.status = problem.status
    this.code = problem.code
    this.problem = problem
    this.fieldErrors = new Map(problem.errors?.map(({ pointer, message }) => [pointer, message]))
    this.requestId = problem.request_id
  }

  /** Seconds the server asked to wait. */
  get retryAfter(): number | undefined {
    return this.problem.retry_after
  }
}

/** The server was not reached, or the connection broke before its answer: whether it did something is unknown. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'

  constructor(cause: unknown) {
    super('The server cannot be reached', { cause })
  }
}
