/**
 * Lines that are written together, as bytes from the first moment on: a text that grows line by line would be gone through
 * three times, and copied by the garbage collector, before it is written.
 */
export class GatheredLines {
  readonly #size: number
  #room: Buffer | undefined
  #start = 0
  #end = 0

  constructor(size: number) {
    this.#size = size
  }

  get bytes(): Buffer {
    return this.#room?.subarray(this.#start, this.#end) ?? Buffer.alloc(0)
  }

  /** False where it has to wait until the others are taken. */
  add(line: string): boolean {
    // No character of it has more than three bytes.
    const most = line.length * 3
    if (this.#room && most > this.#room.length - this.#end) {
      if (this.#end > this.#start) return false
      this.#room = undefined
    }
    if (!this.#room) {
      this.#room = Buffer.allocUnsafeSlow(Math.max(most, 2 * this.#size))
      this.#start = this.#end = 0
    }
    this.#end += this.#room.write(line, this.#end)
    return true
  }

  /** All of them, which are the caller's then. */
  take(): Buffer {
    const { bytes } = this
    this.#room = undefined
    this.#start = this.#end = 0
    return bytes
  }

  /** The first `count` bytes have been written. */
  drop(count: number): void {
    this.#start += count
  }
}
