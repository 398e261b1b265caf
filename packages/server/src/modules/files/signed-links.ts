import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import { accessErrors } from '../../platform/policy.ts'
import type { ContentQuery, LinkRequest, SignedLink } from './files.schema.ts'
import type { FilesService } from './files.service.ts'
import { contentUrl } from './rendering.ts'

interface SignedLinksDependencies {
  files: FilesService
  /** The first one signs; all of them are believed. */
  keys: SealingKeys
  publicUrl: URL
  now: Clock
}

/** Addresses that open one file to whoever has them, until they end. */
export class SignedLinks {
  readonly #deps: SignedLinksDependencies

  constructor(deps: SignedLinksDependencies) {
    this.#deps = deps
  }

  /** Throws not_found, and forbidden to who only reads it: it would outlast what they may. */
  async make(actor: Actor, id: string, { expires_in, download = false }: LinkRequest): Promise<SignedLink> {
    const { files, keys, publicUrl, now } = this.#deps
    const row = await files.findReadable(actor, id)
    if (row.owner_id !== actor.userId) {
      throw accessErrors.forbidden({ detail: 'Only its owner makes links to a file' })
    }
    const expires = Math.floor(now().getTime() / 1000) + expires_in
    const query = new URLSearchParams({ ...(download ? { download: 'true' } : {}), expires: String(expires) })
    query.set('signature', sign(keys[0], id, expires, download))
    const url = `${publicUrl.origin}${contentUrl(id)}?${query}`
    return { url, expires_at: new Date(expires * 1000).toISOString() }
  }

  /** Whether the request came by such a link. Throws forbidden when it was changed or has ended. */
  isOpen(id: string, { expires, signature, download = false }: ContentQuery): boolean {
    if (expires === undefined && signature === undefined) return false
    const given = Buffer.from(signature ?? '')
    const isOurs = this.#deps.keys.some((key) => {
      const expected = Buffer.from(sign(key, id, expires ?? 0, download))
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
    if (isOurs && (expires ?? 0) * 1000 > this.#deps.now().getTime()) return true
    throw accessErrors.forbidden({ detail: 'This link has ended, or is not as it was given' })
  }
}

/** Of what the link is for, all of it: reading this file, until then, in this way. */
const sign = (key: Buffer, id: string, expires: number, download: boolean): string =>
  createHmac('sha256', key).update(`GET\n${id}\n${expires}\n${download}`).digest('base64url')
