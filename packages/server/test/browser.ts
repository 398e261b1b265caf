/** A browser without a screen: follows redirects by itself and keeps each host's cookies. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>()
  /** Every address it was sent to, in order. */
  readonly visited: string[] = []

  cookies(url: string): Map<string, string> {
    const { host } = new URL(url)
    const own = this.#cookies.get(host) ?? new Map<string, string>()
    this.#cookies.set(host, own)
    return own
  }

  /** Opens an address and follows to the page it leads to. */
  async open(url: string): Promise<Response> {
    let at = url
    for (let redirects = 0; redirects < 20; redirects++) {
      this.visited.push(at)
      const response = await this.#get(at)
      const location = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || location === null) return response
      await response.body?.cancel()
      at = new URL(location, at).href
    }
    throw new Error(`redirected without end: ${this.visited.join(' ')}`)
  }

  async #get(url: string): Promise<Response> {
    const jar = this.cookies(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) }
    const response = await fetch(url, { headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = '', ...value] = pair.split('=')
      const isGone = attributes.some((attribute) => /^(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute))
      if (isGone) jar.delete(name)
      else jar.set(name, value.join('='))
    }
    return response
  }
}
