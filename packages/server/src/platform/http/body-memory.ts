import { finished } from 'node:stream'
import { getHeapStatistics } from 'node:v8'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { platformErrors } from '../errors.ts'

/** What a value may take on the heap for each byte of its JSON: `[{},{},…]` has an object of 56 bytes for three. */
const heapPerByte = 24
/** Smaller ones never wait: so many of them at once as there are connections do no harm. */
const smallBytes = 16 * 1024
const waitLimitMs = 5_000
/** Bodies that wait are bytes beside the heap, and so many times what may be open. */
const waitingPerOpen = 4

declare module 'fastify' {
  interface FastifyRequest {
    /** Of its body, until its handler is done with it. */
    openBytes: number
  }
}

interface Waiting {
  bytes: number
  go: () => void
}

/**
 * Large bodies are opened as far as the heap has room for what is in them, one after the other where it has not: many at
 * once would end the process. Who would wait too long, or behind too many, is told that the server is busy.
 */
export class BodyMemory {
  readonly #most: number
  #open = 0
  #queued = 0
  readonly #waiting = new Set<Waiting>()

  /** `heapBytes`: what the process may have in all; half of it is for bodies. */
  constructor(app: FastifyInstance, heapBytes = getHeapStatistics().heap_size_limit) {
    this.#most = heapBytes / 2 / heapPerByte
    app.decorateRequest('openBytes', 0)
    // A client that goes away ends no handler; and until an answer has left, what it answers is kept.
    app.addHook('onSend', (request, reply, _payload, done) => {
      const { openBytes } = request
      request.openBytes = 0
      if (openBytes > 0) finished(reply.raw, () => this.#close(openBytes))
      done()
    })
  }

  /** Undefined where it may be opened now. Rejects with busy. */
  open(request: FastifyRequest, bytes: number): Promise<void> | undefined {
    if (bytes <= smallBytes) return undefined
    if (this.#waiting.size === 0 && this.#hasRoom(bytes)) {
      this.#take(request, bytes)
      return undefined
    }
    if (this.#queued + bytes > this.#most * waitingPerOpen) return Promise.reject(busy())
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        this.#waiting.delete(waiting)
        this.#queued -= bytes
      }
      const go = () => {
        leave()
        this.#take(request, bytes)
        resolve()
      }
      const waiting = { bytes, go }
      const timer = setTimeout(() => {
        leave()
        reject(busy())
        this.#next()
      }, waitLimitMs)
      this.#waiting.add(waiting)
      this.#queued += bytes
    })
  }

  /** One that is larger than all there is goes alone. */
  #hasRoom(bytes: number): boolean {
    return this.#open === 0 || this.#open + bytes <= this.#most
  }

  #take(request: FastifyRequest, bytes: number): void {
    request.openBytes = bytes
    this.#open += bytes
  }

  #close(bytes: number): void {
    this.#open -= bytes
    this.#next()
  }

  #next(): void {
    for (const { bytes, go } of this.#waiting) {
      if (!this.#hasRoom(bytes)) return
      go()
    }
  }
}

const busy = () => platformErrors.busy({ detail: 'Many large requests came at once', members: { retry_after: 2 } })
