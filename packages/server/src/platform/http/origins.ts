import type { IncomingHttpHeaders } from 'node:http'
import { platformErrors } from '../errors.ts'

/** The origins whose pages may act with a visitor's cookies: our own, and those the operator listed. */
export class Origins {
  readonly #own: Set<string>
  readonly #listed: Set<string>

  constructor(publicOrigin: string, listed: readonly string[]) {
    this.#own = new Set([publicOrigin])
    this.#listed = new Set(listed)
  }

  /** A development server is reached by several names of this machine. */
  addLoopback(port: number): void {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) this.#own.add(`http://${host}:${port}`)
  }

  /** Those that are ours, not an operator's guests. */
  get own(): readonly string[] {
    return [...this.#own]
  }

  has(origin: string): boolean {
    return this.#own.has(origin) || this.#listed.has(origin)
  }

  /**
   * Refuses a request that a page of another origin makes (Fetch Metadata, and Origin as the fallback).
   * Programs send neither header; they are judged by their token. Throws origin_not_allowed.
   */
  assertAllowed(headers: IncomingHttpHeaders): void {
    const { origin } = headers
    const site = headers['sec-fetch-site']
    if (origin !== undefined && !this.has(origin)) throw platformErrors.origin_not_allowed()
    const foreign = site !== undefined && site !== 'same-origin' && site !== 'none'
    // Our own pages are same-origin to us: only a listed one may come from another site.
    if (foreign && (origin === undefined || !this.#listed.has(origin))) throw platformErrors.origin_not_allowed()
  }
}
