import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Actor } from '../actor.ts'

const header = 'x-atrium-inside'

/** Callers of requests that the server makes of itself, each known by a word that nobody can guess, while it runs. */
export class InsideCallers {
  readonly #callers = new Map<string, Actor>()

  async with<T>(caller: Actor, ask: (pass: Record<string, string>) => Promise<T>): Promise<T> {
    const word = randomBytes(32).toString('base64url')
    this.#callers.set(word, caller)
    try {
      return await ask({ [header]: word })
    } finally {
      this.#callers.delete(word)
    }
  }

  of(headers: IncomingHttpHeaders): Actor | undefined {
    const word = headers[header]
    return typeof word === 'string' ? this.#callers.get(word) : undefined
  }
}
