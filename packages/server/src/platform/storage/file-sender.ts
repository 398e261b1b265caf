import { read } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ByteRange } from './storage.ts'

/** Each piece is a way to another thread and back; more of it would be held for everybody who downloads slowly. */
export const pieceBytes = 256 * 1024

/**
 * A part of a file on its way to one reader, in a piece of memory that is filled again when all of it was taken. A new one
 * each time is garbage outside of V8's heap, and for so many bytes of that V8 goes through the whole heap. It can only be
 * piped: to fill again what somebody still holds would change it under their hands. No other download has this memory.
 */
export class FileSender extends Readable {
  readonly #file: FileHandle
  readonly #piece: Buffer
  #position: number
  #left: number
  #isReading = false
  #close: (() => void) | undefined

  /** Closes the file, whatever happens. */
  constructor(file: FileHandle, { start, end }: ByteRange) {
    super()
    this.#file = file
    this.#position = start
    this.#left = end - start + 1
    this.#piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, this.#left))
  }

  override pipe<To extends NodeJS.WritableStream>(to: To, { end = true } = {}): To {
    const isTaken = (error?: Error | null) => {
      if (this.destroyed) return
      // Whoever piped it hears of that from where it goes.
      if (error) this.destroy()
      else if (this.#left > 0) this.#readPiece((bytes) => to.write(bytes, isTaken))
      else {
        if (end) to.end()
        this.push(null)
        this.read()
      }
    }
    isTaken()
    return to
  }

  #readPiece(use: (bytes: Uint8Array) => void): void {
    this.#isReading = true
    const length = Math.min(this.#piece.length, this.#left)
    read(this.#file.fd, this.#piece, 0, length, this.#position, (error, count) => {
      this.#isReading = false
      if (this.#close) this.#close()
      else if (error) this.destroy(error)
      // The rest of the piece is what was in it before.
      else if (count === 0) this.destroy(new Error('The file is shorter than it was'))
      else {
        this.#position += count
        this.#left -= count
        use(this.#piece.subarray(0, count))
      }
    })
  }

  override _read(): void {
    this.destroy(new Error('A file that is sent can only be piped'))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A number that is read from while it is closed may be another file by then.
    this.#close = () => {
      this.#file.close().then(
        () => done(error),
        (failure: Error) => done(error ?? failure),
      )
    }
    if (!this.#isReading) this.#close()
  }
}
