import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname, extname } from 'node:path'

export interface LogFile {
  path: string
  maxBytes: number
  /** Older ones that are kept beside it. */
  kept: number
}

/** So long a line waits for others: each write costs more than the lines in it. */
const gatherMs = 50
const mostGathered = 16 * 1024
/** Lines that wait while none can be written. */
const mostWaiting = 4 * 1024 * 1024
const ownerOnly = 0o600

/** Each process has a file of its own: two that move the same one away would lose lines. */
export function fileOfWorker(path: string, worker: number): string {
  if (worker <= 1) return path
  const end = extname(path)
  return `${path.slice(0, path.length - end.length)}-${worker}${end}`
}

/**
 * Lines in a file, which is moved away once it is full: `name.1` is the last one that was full, `name.2` the one before it.
 * What was written is with the system at once, so that a stop loses nothing. A disk that is full is no reason to stop.
 */
export class RotatingFile {
  readonly #file: LogFile
  #fd: number
  #size: number
  #gathered: string[] = []
  /** The end of what was written in part, on a disk that was full then: first of all, or lines would be torn or told twice. */
  #rest: Buffer | undefined
  #waiting = 0
  #timer: NodeJS.Timeout | undefined

  /** Throws when the file cannot be opened. */
  constructor(file: LogFile) {
    this.#file = file
    mkdirSync(dirname(file.path), { recursive: true })
    ;[this.#fd, this.#size] = open(file.path)
  }

  write(line: string): void {
    if (this.#waiting + line.length > mostWaiting) return
    this.#gathered.push(line)
    this.#waiting += line.length
    if (this.#waiting >= mostGathered && !this.#timer) this.flushSync()
    this.#timer ??= setTimeout(() => this.flushSync(), gatherMs)
  }

  /** Never throws: what could not be written waits, and is tried again with the next lines. */
  flushSync(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#finishRest() && this.#gathered.length > 0) {
      const batch = this.#nextBatch()
      const text = Buffer.from(batch.join(''))
      if (this.#size > 0 && this.#size + text.length > this.#file.maxBytes) this.#moveAway()
      this.#rest = text
      this.#gathered.splice(0, batch.length)
      this.#waiting -= batch.reduce((sum, line) => sum + line.length, 0)
    }
  }

  close(): void {
    this.flushSync()
    closeSync(this.#fd)
  }

  /** False while it cannot be written. */
  #finishRest(): boolean {
    try {
      while (this.#rest && this.#rest.length > 0) {
        const bytes = writeSync(this.#fd, this.#rest)
        this.#size += bytes
        this.#rest = this.#rest.subarray(bytes)
      }
      this.#rest = undefined
      return true
    } catch {
      return false
    }
  }

  /** As many lines as have room in this file, and at least one. */
  #nextBatch(): string[] {
    let size = this.#size
    const end = this.#gathered.findIndex((line, index) => {
      size += Buffer.byteLength(line)
      return index > 0 && size > this.#file.maxBytes
    })
    return end === -1 ? [...this.#gathered] : this.#gathered.slice(0, end)
  }

  /** Where it cannot be moved, it grows on: lines count more than its size. */
  #moveAway(): void {
    const { path, kept } = this.#file
    try {
      for (let number = kept; number >= 1; number--) {
        const from = number === 1 ? path : `${path}.${number - 1}`
        moveIfThere(from, `${path}.${number}`)
      }
      const [fd, size] = open(path, kept === 0 ? 'w' : 'a')
      closeSync(this.#fd)
      this.#fd = fd
      this.#size = size
    } catch {
      // The next lines try again.
    }
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function open(path: string, flags: 'a' | 'w' = 'a'): [fd: number, size: number] {
  const fd = openSync(path, flags, ownerOnly)
  const about = fstatSync(fd)
  // A pipe or a device is somebody else's.
  if (about.isFile()) fchmodSync(fd, ownerOnly)
  return [fd, about.isFile() ? about.size : 0]
}
