import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import { trustList } from '../../platform/http/client-info.ts'
import { holds } from '../../platform/policy.ts'
import { type CookiePolicy, cookieLine, readCookie } from '../sessions/index.ts'
import type { Arrival } from './browser-check.schema.ts'

export interface ArrivalsDependencies {
  publicUrl: URL
  trustedProxies: readonly string[]
  cookies: CookiePolicy
  now: Clock
}

const plainName = 'browser_check'
const cookieSeconds = 120

/** What of a request of a browser comes through to the server, whatever lies between. */
export class Arrivals {
  readonly #deps: ArrivalsDependencies
  readonly #isTrusted: (address: string) => boolean

  constructor(deps: ArrivalsDependencies) {
    this.#deps = deps
    this.#isTrusted = trustList(deps.trustedProxies) ?? (() => false)
  }

  read({ headers, socket }: IncomingMessage, actor: Actor | null, received: number): Arrival {
    const { publicUrl, cookies, now } = this.#deps
    const isPassedOn = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
    const isKnown = this.#isTrusted(socket.remoteAddress ?? '')
    const mayKnow = actor !== null && holds(actor, 'health:read')
    const way = isPassedOn ? (isKnown ? 'trusted' : 'unknown') : 'none'
    return {
      server_time: now().toISOString(),
      public_origin: publicUrl.origin,
      signed_in: actor !== null,
      cookie_set: has(headers.cookie, this.#name),
      plain_cookie_set: cookies.secure ? has(headers.cookie, plainName) : has(headers.cookie, this.#name),
      csrf_header: headers['x-csrf-token'] !== undefined,
      received,
      proxy: mayKnow ? way : null,
    }
  }

  /** Set as those of a session are; over TLS once more without the prefix that forbids a proxy to change them. */
  setCookies(): string[] {
    const { cookies } = this.#deps
    const names = cookies.secure ? [this.#name, plainName] : [this.#name]
    const value = randomBytes(12).toString('base64url')
    return names.map((name) => cookieLine(cookies, name, value, cookieSeconds))
  }

  get #name(): string {
    return this.#deps.cookies.secure ? `__Host-${plainName}` : plainName
  }
}

/** Sent twice is no reason to refuse here. */
function has(header: string | undefined, name: string): boolean {
  try {
    return readCookie(header, name) !== undefined
  } catch {
    return true
  }
}
