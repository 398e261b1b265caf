/** Of a connection, what it has not taken yet. Engine.IO keeps packets, and WebSockets bytes that are on their way. */
export interface Outgoing {
  writeBuffer: readonly { data?: unknown; options?: { wsPreEncodedFrame?: readonly Buffer[] } }[]
  transport: { socket?: { bufferedAmount?: number; terminate?(): void } }
  close(discard: boolean): void
}

export interface SlowSocket {
  readonly outgoing: Outgoing
  /** Says goodbye, and from now on nothing more. */
  dismiss(): void
}

const maxPackets = 1_000
const maxBytes = 1024 * 1024
const lookMs = 500
/** Who is only slow may still read the goodbye. */
const graceMs = 5_000

/** Ends connections that do not take what they are sent: what waits for them lies in our memory. */
export class SlowSockets {
  readonly #list: () => Iterable<SlowSocket>
  readonly #dismissed = new WeakSet<Outgoing>()
  readonly #timer: NodeJS.Timeout

  constructor(list: () => Iterable<SlowSocket>) {
    this.#list = list
    this.#timer = setInterval(() => this.#look(), lookMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const socket of this.#list()) {
      const { outgoing } = socket
      if (this.#dismissed.has(outgoing) || !isBehind(outgoing)) continue
      this.#dismissed.add(outgoing)
      socket.dismiss()
      setTimeout(() => drop(outgoing), graceMs).unref()
    }
  }
}

function isBehind({ writeBuffer, transport }: Outgoing): boolean {
  if (writeBuffer.length > maxPackets) return true
  let bytes = transport.socket?.bufferedAmount ?? 0
  for (const { data, options } of writeBuffer) {
    bytes += sizeOf(data)
    for (const { length } of options?.wsPreEncodedFrame ?? []) bytes += length
  }
  return bytes > maxBytes
}

const sizeOf = (data: unknown): number =>
  typeof data === 'string' ? data.length : Buffer.isBuffer(data) ? data.length : 0

/** Closing politely would wait until it has taken everything. */
function drop(outgoing: Outgoing): void {
  outgoing.close(true)
  outgoing.transport.socket?.terminate?.()
}
