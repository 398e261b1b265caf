import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { type AppError, platformErrors } from '../errors.ts'
import type { KeyStore, Idempotency as Stores } from '../idempotency/idempotency.ts'
import type { Claim, KeptAnswer } from '../idempotency/idempotency-keys.ts'
import { captureReply } from './captured-reply.ts'
import { type ErrorClassifier, toAppError } from './error-handler.ts'
import { toProblem } from './problem.ts'

/**
 * How a route takes an Idempotency-Key. `kept`: its effect and its answer are kept in one transaction of our database;
 * `rows`: of the tables' database. `secret`: the effect happens once, and its answer, which holds what is shown once, is
 * never repeated. `repeatable`: the route recognizes a repeat by what is in its body, and answers with what is there now.
 * `streamed`: as `kept`, for a body that is read as it comes: the route says what it was by `onceRead`.
 */
export type Idempotency = 'kept' | 'rows' | 'secret' | 'repeatable' | 'streamed'

/** What is left to do when a body has been read, and nothing has come of it yet. */
export interface ReadBody<T> {
  /** What was read: its digest, and what came with it. */
  content: readonly unknown[]
  /** Only what belongs in one transaction. */
  run(): Promise<T>
  answer(reply: FastifyReply, result: T): FastifyReply
  /** Goes around that transaction, where it has to wait for others. */
  around<R>(work: () => Promise<R>): Promise<R>
  /** It was done before, or cannot be done. */
  giveUp(): Promise<void>
}

type Act = <T>(body: ReadBody<T>) => Promise<unknown>
const keyed = new WeakMap<FastifyRequest, Act>()

/** For routes that take keys as `streamed`: does what is left, once for each key, and answers. */
export async function onceRead<T>(request: FastifyRequest, reply: FastifyReply, body: ReadBody<T>): Promise<void> {
  const act = keyed.get(request)
  try {
    if (act) await act(body)
    else body.answer(reply, await body.around(() => body.run()))
  } catch (error) {
    await body.giveUp()
    throw error
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    idempotency?: Idempotency
  }
}

export interface IdempotencyOptions {
  idempotency: Stores
  classify: ErrorClassifier
}

type Handler = RouteHandlerMethod

/** Routes that are registered after it take keys as their config says. */
export function takeIdempotencyKeys(app: FastifyInstance, { idempotency, classify }: IdempotencyOptions): void {
  app.addHook('onRoute', (route) => {
    const kind = route.config?.idempotency
    if (!kind) return
    const { handler } = route
    route.handler = async function (this: FastifyInstance, request, reply) {
      const key = keyOf(request)
      const run = async (to: FastifyReply) => handler.call(this, request, to)
      if (key === undefined) return run(reply)
      if (kind === 'streamed') {
        keyed.set(request, async ({ content, run, answer, around, giveUp }) => {
          const { database, keys } = idempotency.own
          const taken = await keys.claim(describe(request, key, content))
          const once = async (to: FastifyReply) => answer(to, await run())
          const call = { request, reply, run: once, around, kind, classify, database, keys }
          if ('claim' in taken) return perform(call, taken.claim)
          await giveUp()
          return repeat(call, taken.answer)
        })
        return run(reply)
      }
      const store = kind === 'rows' ? await idempotency.rows() : idempotency.own
      if (!store) throw notKept()
      const taken = await store.keys.claim(describe(request, key))
      const call = { request, reply, run, around: atOnce, kind, classify, ...store }
      return 'claim' in taken ? perform(call, taken.claim) : repeat(call, taken.answer)
    } as Handler
  })
}

const notKept = () =>
  platformErrors.bad_request({
    detail: 'This database keeps nothing beside its tables, so no request can be repeated: leave Idempotency-Key out',
  })

const atOnce: ReadBody<unknown>['around'] = (work) => work()

interface Call extends KeyStore, Pick<ReadBody<unknown>, 'around'> {
  request: FastifyRequest
  reply: FastifyReply
  run(reply: FastifyReply): Promise<unknown>
  kind: Idempotency
  classify: ErrorClassifier
}

async function perform(
  { request, reply, run, around, kind, database, keys, classify }: Call,
  claim: Claim,
): Promise<unknown> {
  try {
    if (kind === 'repeatable') {
      const { answer, send } = await captureReply(reply, run)
      await keys.keepAlone(claim, { ...answer, headers: {}, body: '' })
      return send()
    }
    const { send } = await around(() =>
      database.together(async (tx) => {
        const captured = await captureReply(reply, run)
        const { answer } = captured
        // Last: whoever waits for this row waits for the commit, and for nothing else.
        await keys.keep(tx, claim, kind === 'secret' ? { ...answer, headers: {}, body: null } : answer)
        return captured
      }),
    )
    return send()
  } catch (thrown) {
    const error = toAppError(thrown, classify)
    const end = isFinal(error) ? keys.keepAlone(claim, problemOf(error, request)) : keys.release(claim)
    // Whatever becomes of it, the error itself is the answer; a claim that stays ends with its lease.
    await end.catch((cause: unknown) => request.log.warn({ err: cause }, 'idempotency key is left to its lease'))
    throw thrown
  }
}

async function repeat({ reply, run, kind }: Call, { status, headers, body }: KeptAnswer): Promise<unknown> {
  const isProblem = status >= 400
  if (kind === 'repeatable' && !isProblem) {
    reply.header('idempotency-replayed', 'true')
    return run(reply)
  }
  if (body === null) {
    throw platformErrors.state_conflict({
      detail: 'This was done already. Its answer held something that is shown once, so it is not repeated.',
    })
  }
  reply.code(status).headers({ ...headers, 'idempotency-replayed': 'true' })
  return reply.send(body === '' && status === 204 ? null : body)
}

/** What a repeat could change by itself, by waiting or signing in again, is not final. */
const passing = new Set(['unauthenticated', 'request_timeout', 'locked', 'rate_limited'])
const isFinal = ({ status, kind, code }: AppError): boolean =>
  status < 500 && !passing.has(kind) && code !== 'idempotency_in_progress'

const problemOf = (error: AppError, { id, url }: FastifyRequest): KeptAnswer => ({
  status: error.status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify(toProblem(error, { instance: pathOf(url), requestId: id })),
})

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

function describe(request: FastifyRequest, key: string, read?: readonly unknown[]) {
  const { actor, method, url, headers, body } = request
  // A key of an API sees no more than it may itself, and nobody what was done in their name by somebody else.
  const principal = [actor.kind, actor.kind === 'user' ? actor.userId : actor.sessionId, actor.impersonatorId ?? '']
  const path = pathOf(url)
  const asked = [url.slice(path.length), headers['if-match'] ?? '', headers.prefer ?? '']
  return { userId: actor.userId, scope: [...principal, method, path, key], content: [asked, read ?? body ?? null] }
}

/** `"key"` as a structured header, or the key alone. Throws bad_request. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  const given = String(header)
  const key = /^"((?:[^"\\]|\\["\\])*)"$/.exec(given)?.[1]?.replace(/\\(.)/g, '$1') ?? given
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw platformErrors.bad_request({ detail: 'An Idempotency-Key has 1 to 255 visible ASCII characters' })
}
