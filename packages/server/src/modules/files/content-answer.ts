import type { Readable } from 'node:stream'
import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ByteRange } from '../../platform/storage/storage.ts'
import { parseRange } from './byte-range.ts'
import { isShownInline } from './content-type.ts'
import { fileErrors } from './files.errors.ts'

/** Bytes to answer with, and what they are. */
export interface Content {
  name: string
  contentType: string
  size: number
  /** Strong: other bytes never have it. */
  etag: string
  modifiedAt: string
  /** Who may keep it, and whose pages may show it: `link` is for those who have one. */
  sharing: 'private' | 'link' | 'public'
  /** Shown often, and never other bytes at this address: the browser need not ask again for a day. */
  isLasting?: boolean
  open(range?: ByteRange): Promise<Readable | Buffer>
}

/** Whatever the bytes are, they run nothing in our origin, and load nothing (RFC 6266, CSP 3). */
const sandbox = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"

/** Answers with content: whole, in part, or with the word that the caller has it already. Throws range_invalid. */
export async function sendContent(
  request: FastifyRequest,
  reply: FastifyReply,
  content: Content,
  { download = false }: { download?: boolean | undefined } = {},
): Promise<FastifyReply> {
  const inline = !download && isShownInline(content.contentType)
  reply.headers({
    etag: content.etag,
    'last-modified': new Date(content.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    'cache-control': `${content.sharing === 'public' ? 'public' : 'private'}, ${content.isLasting ? 'max-age=86400' : 'no-cache'}`,
    'content-security-policy': sandbox,
    'content-disposition': contentDisposition(content.name, { type: inline ? 'inline' : 'attachment' }),
    // Who has the address has the right: pages of other origins may show it too.
    ...(content.sharing !== 'private' ? { 'cross-origin-resource-policy': 'cross-origin' } : {}),
  })
  const known = request.headers['if-none-match']
  if (known !== undefined && matches(known, content.etag)) return reply.code(304).send()

  const range = isRangeMeant(request, content) ? parseRange(request.headers.range, content.size) : undefined
  if (range === null) {
    reply.removeHeader('content-disposition').header('content-range', `bytes */${content.size}`)
    throw fileErrors.range_invalid({ detail: `The file has ${content.size} bytes` })
  }
  reply.type(isText(content.contentType) ? `${content.contentType}; charset=utf-8` : content.contentType)
  reply.header('content-length', String(range ? range.end - range.start + 1 : content.size))
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${content.size}`)
  if (request.method === 'HEAD' || content.size === 0) return reply.send(content.size === 0 ? '' : null)
  return reply.send(await content.open(range))
}

const isText = (type: string): boolean => type.startsWith('text/') || type === 'application/json'

/** `*`, or a list of ETags, weak ones too: If-None-Match compares weakly. */
const matches = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((item) => item.trim().replace(/^W\//, '') === etag)

/** If-Range: a part makes sense only with the rest that the caller has. */
function isRangeMeant({ headers, method }: FastifyRequest, content: Content): boolean {
  const condition = headers['if-range'] as string | undefined
  if (method !== 'GET' || headers.range === undefined) return false
  return condition === undefined || condition.trim() === content.etag
}
