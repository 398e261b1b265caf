import { ApiError, NetworkError } from '../errors.ts'
import type { Problem } from '../types.ts'

export type Fetch = (request: Request) => Promise<Response>

/** Longer than the server works on anything; a connection that is silent for so long is dead. */
const timeoutMs = 30_000
/** A form brings a file along, which takes as long as the line and the work on it do. */
const formTimeoutMs = 600_000

/** One request and its answer. Rejects with ApiError when the server refused, NetworkError when nobody answered. */
export async function exchange(fetch: Fetch, request: Request): Promise<Response> {
  const answer = await reach(fetch, request)
  if (!answer.ok) throw new ApiError(await readProblem(answer))
  // A page where JSON was asked for is somebody else's: a captive portal, or a proxy without a server behind it.
  if (answer.headers.get('content-type')?.startsWith('text/html')) throw new NetworkError('An HTML page was answered')
  return answer
}

const isForm = ({ headers }: Request): boolean => headers.get('content-type')?.startsWith('multipart/') ?? false

async function reach(fetch: Fetch, request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(isForm(request) ? formTimeoutMs : timeoutMs)])
  try {
    return await fetch(new Request(request, { signal }))
  } catch (error) {
    if (request.signal.aborted) throw error
    throw new NetworkError(error)
  }
}

async function readProblem(answer: Response): Promise<Problem> {
  const problem = await answer.json().catch(() => undefined)
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
  const retryAfter = Number.isFinite(seconds) ? { retry_after: seconds } : {}
  if (isProblem(problem)) return { ...retryAfter, ...problem }
  // Not ours: a proxy in between speaks.
  const title = answer.statusText || `HTTP ${answer.status}`
  const { pathname: instance } = new URL(answer.url || 'http://unknown')
  const code = answer.status >= 500 ? 'unavailable' : 'http_error'
  return {
    type: 'about:blank',
    title,
    status: answer.status,
    detail: title,
    instance,
    code,
    request_id: '',
    ...retryAfter,
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'status' in value
