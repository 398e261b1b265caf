import type { ByteSource } from './storage.ts'

/** Remembers how much came, and what its source threw. */
export class Watched implements AsyncIterable<Uint8Array> {
  failure: unknown
  size = 0
  readonly #source: ByteSource

  constructor(source: ByteSource) {
    this.#source = source
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#source) {
        this.size += chunk.length
        yield chunk
      }
    } catch (error) {
      this.failure = error
      throw error
    }
  }
}

/** One source in pieces of at most so many bytes, each read to its end before the next. */
export class Pieces {
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #most: number
  #rest: Uint8Array | undefined

  constructor(source: ByteSource, most: number) {
    this.#iterator = (async function* () {
      yield* source
    })()
    this.#most = most
  }

  async hasMore(): Promise<boolean> {
    while (this.#rest === undefined || this.#rest.length === 0) {
      const { value, done } = await this.#iterator.next()
      if (done) return false
      this.#rest = value
    }
    return true
  }

  next(): AsyncIterable<Uint8Array> & { size: number } {
    const pieces = this
    const piece = {
      size: 0,
      async *[Symbol.asyncIterator]() {
        while (piece.size < pieces.#most && (await pieces.hasMore())) {
          const chunk = (pieces.#rest as Uint8Array).subarray(0, pieces.#most - piece.size)
          pieces.#rest = (pieces.#rest as Uint8Array).subarray(chunk.length)
          piece.size += chunk.length
          yield chunk
        }
      },
    }
    return piece
  }
}
