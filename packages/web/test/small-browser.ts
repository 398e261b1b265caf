import { vi } from 'vitest'

interface Cookie {
  value: string
  path: string
  isHidden: boolean
}

/**
 * As much of a browser as the checks of /doctor ask for, at an address of its own, whose requests all go to one place. It
 * keeps cookies by the rules of RFC 6265bis, also those of `__Host-`.
 */
export class SmallBrowser {
  readonly #origin: URL
  readonly #leadsTo: string
  readonly #cookies = new Map<string, Cookie>()
  /** What a page at an http address of another machine does without. */
  readonly #isSecure: boolean

  constructor(origin: string, leadsTo: string) {
    this.#origin = new URL(origin)
    this.#leadsTo = leadsTo
    this.#isSecure = this.#origin.protocol === 'https:' || this.#origin.hostname === 'localhost'
  }

  /** Until `vi.unstubAllGlobals`, pages ask this browser; `more` is what it has beyond or in place of the usual. */
  open(more: Record<string, unknown> = {}): void {
    const { href, origin, protocol } = this.#origin
    const page = { location: { href, origin, protocol }, navigator: { onLine: true, cookieEnabled: true } }
    const all = { ...page, window: { isSecureContext: this.#isSecure }, fetch: this.fetch, ...more }
    for (const [name, value] of Object.entries(all)) vi.stubGlobal(name, value)
    Object.defineProperty(document, 'cookie', { configurable: true, get: () => this.#shown })
  }

  readonly fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (this.#isSecure) headers.set('sec-fetch-site', 'same-origin')
    if (init.method && init.method !== 'GET') headers.set('origin', this.#origin.origin)
    const sent = [...this.#cookies].filter(([, cookie]) => path.startsWith(cookie.path))
    if (sent.length > 0) headers.set('cookie', sent.map(([name, { value }]) => `${name}=${value}`).join('; '))
    const answer = await globalFetch(`${this.#leadsTo}${path}`, { ...init, headers })
    for (const line of answer.headers.getSetCookie()) this.#keep(line)
    return answer
  }

  get #shown(): string {
    const shown = [...this.#cookies].filter(([, { isHidden }]) => !isHidden)
    return shown.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  #keep(line: string): void {
    const [pair = '', ...rest] = line.split('; ')
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? []
    const attributes = new Map<string, string>()
    for (const each of rest) {
      const [attribute = '', given = ''] = each.toLowerCase().split('=')
      attributes.set(attribute, given)
    }
    const [path = '/', domain] = [attributes.get('path'), attributes.get('domain')]
    const isForAll = attributes.has('secure') && path === '/' && domain === undefined
    if (name.startsWith('__Host-') && !isForAll) return
    if (attributes.has('secure') && !this.#isSecure) return
    if (domain !== undefined && !`.${this.#origin.hostname}`.endsWith(`.${domain.replace(/^\./, '')}`)) return
    if (attributes.get('max-age') === '0') this.#cookies.delete(name)
    else this.#cookies.set(name, { value, path, isHidden: attributes.has('httponly') })
  }
}

const globalFetch = globalThis.fetch
