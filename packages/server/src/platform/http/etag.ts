import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { platformErrors } from '../errors.ts'
import { madeOnce } from '../unchanging.ts'

/** A strong ETag of a resource by its version (RFC 9110 8.8.3), and by what it shows that the version does not count. */
export const etagOf = (version: number, uncounted?: unknown): string =>
  uncounted === undefined ? `"v${version}"` : `"v${version}-${digest(uncounted)}"`

const digest = madeOnce((value): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16),
)

/** Sends a resource with its ETag; 304 when the caller has all of it already. */
export function sendVersioned<T extends { version: number }>(
  request: FastifyRequest,
  reply: FastifyReply,
  resource: T,
  uncounted?: unknown,
): T | FastifyReply {
  const etag = etagOf(resource.version, uncounted)
  reply.headers({ etag, 'cache-control': 'private, no-cache' })
  const known = request.headers['if-none-match']?.split(',').map((item) => item.trim())
  return known?.includes(etag) ? reply.code(304).send() : resource
}

/** For a resource with parts its version does not count: the ETag serves If-Match, and every read is answered in full. */
export function sendWithVersion<T extends { version: number }>(reply: FastifyReply, resource: T): T {
  reply.headers({ etag: etagOf(resource.version), 'cache-control': 'private, no-store' })
  return resource
}

/**
 * The version that If-Match asks for; undefined without one. What the version does not count cannot be written with it
 * either, so it may have changed. Throws precondition_failed for what is no ETag of ours.
 */
export function expectedVersion(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match']
  if (header === undefined || header === '*') return undefined
  const version = /^"v(\d{1,15})(?:-[\w-]{1,64})?"$/.exec(header)?.[1]
  if (version === undefined) throw platformErrors.precondition_failed()
  return Number(version)
}

/** Throws precondition_failed, with what was written meanwhile where the caller would have written something else. */
export function assertVersion(
  expected: number | undefined,
  current: number,
  yours: object = {},
  theirs: Readonly<Record<string, unknown>> = {},
): void {
  if (expected === undefined || expected === current) return
  const conflicts = Object.entries(yours)
    .filter(([field, value]) => field in theirs && JSON.stringify(theirs[field]) !== JSON.stringify(value))
    .map(([field, value]) => ({ field, yours: value as unknown, theirs: theirs[field] }))
  throw platformErrors.precondition_failed({ members: { conflicts } })
}
