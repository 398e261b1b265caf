import type { AppError } from '../errors.ts'
import type { Problem } from './schemas.ts'

/** The one error body, for HTTP answers and socket acks alike (RFC 9457). */
export function toProblem(error: AppError, context: { instance: string; requestId: string }): Problem {
  return {
    type: `/problems/${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    instance: context.instance,
    code: error.code,
    request_id: context.requestId,
    ...error.members,
  }
}
