/** What went wrong, in the words transports translate (RFC 9110 status for HTTP, the same problem object for sockets). */
export const statusByKind = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media: 415,
  range: 416,
  invalid: 422,
  locked: 423,
  upgrade_required: 426,
  precondition_required: 428,
  rate_limited: 429,
  headers_too_large: 431,
  /** Of the tus protocol. */
  checksum: 460,
  internal: 500,
  upstream: 502,
  unavailable: 503,
  timeout: 504,
  disk_full: 507,
} as const

export type ErrorKind = keyof typeof statusByKind

/** One entry of a module's error table: kind, title, and for the reference page what the reader can do about it. */
export type ErrorEntry = readonly [kind: ErrorKind, title: string, cure: string]

export interface ErrorExtra {
  /** A sentence about this occurrence; the title when absent. */
  detail?: string
  /** Members beside the standard ones: `retry_after`, `errors`, `conflicts` … */
  members?: Record<string, unknown>
  cause?: unknown
}

export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: string
  readonly kind: ErrorKind
  readonly title: string
  readonly members: Record<string, unknown>

  constructor(code: string, kind: ErrorKind, title: string, extra: ErrorExtra = {}) {
    super(extra.detail ?? title, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.code = code
    this.kind = kind
    this.title = title
    this.members = extra.members ?? {}
  }

  get status(): number {
    return statusByKind[this.kind]
  }
}

export type ErrorFactory = (extra?: ErrorExtra) => AppError
export type ErrorTable = Readonly<Record<string, ErrorEntry>>

/** Turns a table of codes into functions that make the error: `throw errors.not_found()`. */
export function defineErrors<T extends ErrorTable>(table: T): { [Code in keyof T]: ErrorFactory } & { table: T } {
  const factories = Object.fromEntries(
    Object.entries(table).map(([code, [kind, title]]) => [
      code,
      (extra?: ErrorExtra) => new AppError(code, kind, title, extra),
    ]),
  )
  return Object.assign(factories, { table }) as { [Code in keyof T]: ErrorFactory } & { table: T }
}

/** One field of a request that needs attention; `pointer` is a JSON Pointer into the body (RFC 6901). */
export interface FieldError {
  pointer: string
  code: string
  message: string
}

export const platformErrors = defineErrors({
  bad_request: [
    'malformed',
    'The request could not be understood',
    'Look at the detail: it names what could not be read.',
  ],
  malformed_json: [
    'malformed',
    'The body is not valid JSON',
    'Send UTF-8 JSON without duplicate keys, at most 20 levels deep.',
  ],
  bad_cursor: ['malformed', 'This cursor cannot be used', 'Take next_cursor from a page of the same list, unchanged.'],
  bad_filter: [
    'malformed',
    'This filter cannot be used',
    'The detail names the field or operator that is not offered here; the reference lists those that are.',
  ],
  origin_not_allowed: [
    'forbidden',
    'Pages of this origin may not do that',
    'Open the app at its own address, or list the origin in ALLOWED_ORIGINS.',
  ],
  csrf_missing: [
    'forbidden',
    'The X-CSRF-TOKEN header is missing',
    'Send the csrf_access_token that login gave you; GET /api/v1/auth/csrf gives it again.',
  ],
  csrf_invalid: [
    'forbidden',
    'The X-CSRF-TOKEN header is not right for this session',
    'Read GET /api/v1/auth/csrf and repeat the request once.',
  ],
  not_found: [
    'not_found',
    'There is nothing here',
    'Check the address. What you may not see is reported the same way.',
  ],
  method_not_allowed: [
    'method_not_allowed',
    'This address does not take that method',
    'The Allow header lists the methods it takes.',
  ],
  already_exists: ['conflict', 'That exists already', 'Choose another name, or change the one there is.'],
  idempotency_in_progress: [
    'conflict',
    'This is being done already',
    'The first request with this Idempotency-Key has no answer yet: wait for Retry-After seconds and repeat.',
  ],
  idempotency_key_reused: [
    'invalid',
    'This Idempotency-Key belongs to another request',
    'A key is for one request and its repeats, word for word. Send a new key with a new request.',
  ],
  request_timeout: [
    'request_timeout',
    'The request took too long to arrive',
    'Send it again; the headers have 15 seconds, the whole of it 60. A file may take longer while it keeps coming.',
  ],
  state_conflict: [
    'conflict',
    'This is not possible as things are now',
    'Read it again; the detail says what stands in the way.',
  ],
  gone: ['gone', 'This is over', 'Begin anew, or ask for a new one: it was used up, withdrawn, or is too old.'],
  precondition_failed: [
    'precondition_failed',
    'It was changed by someone else meanwhile',
    'Read it again, apply your change to what is there now, and send the new ETag in If-Match.',
  ],
  payload_too_large: ['too_large', 'The body is too large', 'JSON bodies may have up to 1 MiB.'],
  headers_too_large: [
    'headers_too_large',
    'The headers are too large',
    'Send smaller headers; cookies of other apps on this host count too.',
  ],
  unsupported_media_type: [
    'unsupported_media',
    'This content type is not supported',
    'Send Content-Type: application/json.',
  ],
  validation_failed: ['invalid', 'The request is not valid', 'The errors list names each field and what it needs.'],
  unknown_field: [
    'invalid',
    'The request has a field that does not exist here',
    'Remove or rename the fields listed in errors.',
  ],
  rate_limited: ['rate_limited', 'Too many requests', 'Wait for retry_after seconds.'],
  internal_error: [
    'internal',
    'Something went wrong on our side',
    'Try again; if it stays, give the operator the request_id.',
  ],
  busy: ['unavailable', 'The server is busy', 'Wait for Retry-After seconds and repeat.'],
  unavailable: ['unavailable', 'A service this needs is not reachable', 'Wait for Retry-After seconds and repeat.'],
  disk_full: ['disk_full', 'The disk is full', 'The operator has to free space; nothing of this request was kept.'],
})
