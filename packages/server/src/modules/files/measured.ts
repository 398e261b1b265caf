import { createHash } from 'node:crypto'
import type { ByteSource } from '../../platform/storage/storage.ts'
import { sniffedBytes } from './content-type.ts'
import { fileErrors } from './files.errors.ts'

export interface Measure {
  size: number
  sha256: string
  /** The beginning, for telling the kind. */
  head: Buffer
}

/** Looks at bytes as they pass, and knows afterwards what they were. */
export class Observed {
  readonly #hash = createHash('sha256')
  readonly #head: Buffer[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(chunk: Uint8Array): void {
    if (this.#size < sniffedBytes) this.#head.push(Buffer.from(chunk.subarray(0, sniffedBytes - this.#size)))
    this.#size += chunk.length
    this.#hash.update(chunk)
  }

  /** Once, after the last byte. */
  measure(): Measure {
    return { size: this.#size, sha256: this.#hash.digest('hex'), head: Buffer.concat(this.#head) }
  }
}

/** Passes bytes on. Throws file_too_large at the first one beyond the limit. */
export class MeasuredSource implements AsyncIterable<Uint8Array> {
  readonly #source: ByteSource
  readonly #limit: number
  readonly #observed = new Observed()

  constructor(source: ByteSource, limit: number) {
    this.#source = source
    this.#limit = limit
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      if (this.#observed.size + chunk.length > this.#limit) throw tooLarge(this.#limit)
      this.#observed.add(chunk)
      yield chunk
    }
  }

  measure(): Measure {
    return this.#observed.measure()
  }
}

export const tooLarge = (limit: number) =>
  fileErrors.file_too_large({
    detail: `A file may have up to ${limit} bytes`,
    members: { max_bytes: limit },
  })
