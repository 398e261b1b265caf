import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest, InjectOptions } from 'fastify'
import { type AppError, platformErrors } from '../../../platform/errors.ts'
import { Problem } from '../../../platform/http/schemas.ts'
import { parseKeepingDigits } from '../exact-json.ts'
import type { TablesRegistry } from '../registry.ts'
import type { ReadingService } from '../rows/reading.service.ts'
import { Batch, BatchAnswer } from './batch.schema.ts'
import { assertBatch, type One, resolved } from './batch-requests.ts'
import type { Announced, RowsAhead } from './rows-ahead.ts'

interface Done {
  status: number
  headers: Record<string, string>
  /** JSON, as it was written. */
  body: string
}

/** Of the batch itself: from where it came, and in which language it is answered. */
const passedOn = ['user-agent', 'x-forwarded-for', 'accept-language', 'x-request-id', 'traceparent'] as const
const toldHeaders = ['etag', 'location'] as const

export interface BatchDependencies {
  registry: TablesRegistry
  reading: ReadingService
  ahead: RowsAhead
}

/** Several requests to tables in one transaction. Each goes in by the door that it would go in by alone. */
export const batchRoute =
  ({ registry, reading, ahead }: BatchDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/batch', {
      config: { access: { permission: 'data:write' }, idempotency: 'rows' },
      schema: {
        operationId: 'runBatch',
        summary: 'Up to 100 requests to tables, all of them or none',
        description:
          'They run one after the other. The first that is refused ends the batch: 409 with `index`, `id` and its `problem`.',
        tags: ['data'],
        body: Batch,
        response: {
          200: BatchAnswer,
          ...{ 400: Problem, 401: Problem, 403: Problem, 409: Problem, 422: Problem, 429: Problem, 503: Problem },
        },
      },
      handler: async (request, reply) => {
        const { requests } = request.body
        assertBatch(requests)
        const snapshot = await registry.snapshot()
        // An attempt that is repeated tells the next one which rows its references led to.
        const known = new Map<number, Announced>(requests.entries())
        const done = await reading.guarded({ snapshot }, () =>
          snapshot.handle.together(async () => {
            await ahead.lock(request.actor, [...known.values()])
            return runAll(request, requests, known)
          }),
        )
        const answers = done.map(
          ({ id, status, headers, body }) =>
            `{"id":${JSON.stringify(id)},"status":${status},"headers":${JSON.stringify(headers)},"body":${body || 'null'}}`,
        )
        // Written by the database: it is sent as it is.
        return reply.type('application/json; charset=utf-8').send(`{"responses":[${answers.join(',')}]}` as never)
      },
    })
  }

async function runAll(
  outer: FastifyRequest,
  requests: readonly One[],
  known: Map<number, Announced>,
): Promise<(Done & { id: string })[]> {
  const done: (Done & { id: string })[] = []
  const earlier = new Map<string, unknown>()
  for (const [index, one] of requests.entries()) {
    const asked = resolved(one, earlier, index)
    known.set(index, asked)
    const answer = await runOne(outer, asked)
    if (answer.status >= 400) throw refused(index, one.id, answer)
    earlier.set(one.id, answer.body === '' ? undefined : parseKeepingDigits(answer.body))
    done.push({ id: one.id, ...answer })
  }
  return done
}

async function runOne(outer: FastifyRequest, { method, path, body, headers: own }: One): Promise<Done> {
  const {
    statusCode,
    headers,
    body: text,
  } = await outer.server.ask(outer.actor, {
    method,
    url: `/api/v1${path}`,
    headers: {
      ...headersOf(outer),
      ...lowered(own),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    remoteAddress: outer.raw.socket.remoteAddress ?? '127.0.0.1',
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  } satisfies InjectOptions)
  const told = toldHeaders.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  return { status: statusCode, headers: Object.fromEntries(told), body: text }
}

function headersOf({ headers }: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, String(value)]]
    }),
  )
}

const lowered = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** What waiting helps against stays what it is, so that a repeat with the same Idempotency-Key begins anew. */
function refused(index: number, id: string, { status, body }: Done): AppError {
  const problem = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)
  const members = { index, id, retry_after: problem.retry_after ?? 1 }
  const detail = `Nothing of the batch was kept; request ${index} was one too many`
  if (status === 429) return platformErrors.rate_limited({ detail, members })
  if (status >= 500) {
    return platformErrors.busy({
      detail: `Nothing of the batch was kept; request ${index} could not be done now`,
      members,
    })
  }
  return platformErrors.state_conflict({
    detail: `Request ${index} was refused, and nothing of the batch was kept`,
    members: { index, id, problem },
  })
}
