import { createHash } from 'node:crypto'

/** What cannot be read as a whole archive of ours; the message is for the operator. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/**
 * An archive is lines of UTF-8 with bytes in between where a line announces them. The last line holds the hash of
 * everything before it, so that one that was cut off or changed is never taken for a whole one.
 */
export async function* sealArchive(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const part of parts) {
    const bytes = Buffer.from(part as Uint8Array)
    hash.update(bytes)
    yield bytes
  }
  yield Buffer.from(`${JSON.stringify({ sha256: hash.digest('hex') })}\n`)
}

const maxLine = 64 * 1024 * 1024

/** Reads an archive once, from its beginning to its end. */
export class ArchiveReader {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #hash = createHash('sha256')
  #buffer: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Without its end. Throws ArchiveError where there is none. */
  async line(): Promise<string> {
    const pieces: Buffer[] = []
    for (let length = 0; ; ) {
      const end = this.#buffer.indexOf(10)
      const piece = end < 0 ? this.#buffer : this.#buffer.subarray(0, end)
      pieces.push(piece)
      length += piece.length
      if (length > maxLine) throw new ArchiveError('This is no backup of Atrium.')
      if (end >= 0) {
        this.#buffer = this.#buffer.subarray(end + 1)
        const whole = Buffer.concat(pieces)
        const text = whole.toString('utf8')
        if (!/^\{"sha256":"[0-9a-f]{64}"\}$/.test(text)) this.#hash.update(whole).update('\n')
        return text
      }
      await this.#more()
    }
  }

  async *bytes(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      if (this.#buffer.length === 0) await this.#more()
      const piece = this.#buffer.subarray(0, left)
      this.#buffer = this.#buffer.subarray(piece.length)
      this.#hash.update(piece)
      left -= piece.length
      yield piece
    }
  }

  /** Throws ArchiveError unless this was all, and all is as it was written. */
  async end(line: string): Promise<void> {
    const { sha256 } = JSON.parse(line) as { sha256: string }
    if (sha256 !== this.#hash.digest('hex')) throw new ArchiveError('The backup was changed: its hash is another.')
    if (this.#buffer.length > 0 || !(await this.#source.next()).done)
      throw new ArchiveError('Something follows the end of the backup.')
  }

  async #more(): Promise<void> {
    const next = await this.#source.next().catch((cause: unknown) => {
      throw new ArchiveError(`The backup cannot be read: ${(cause as Error).message}`, { cause })
    })
    if (next.done) throw new ArchiveError('The backup is cut off.')
    this.#buffer = Buffer.from(next.value)
  }
}
