import type { Namespace } from 'socket.io'

/** What one turn of the loop owes a socket: a frame after those before it. Whoever is owed the same shares it. */
class Debt {
  readonly #before: Debt | undefined
  readonly #frame: Frame
  readonly #next = new Map<Frame, Debt>()
  readonly size: number
  #bytes: Buffer | undefined

  constructor(frame: Frame, before?: Debt) {
    this.#frame = frame
    this.#before = before
    this.size = frame.bytes.length + (before?.size ?? 0)
  }

  and(frame: Frame): Debt {
    const known = this.#next.get(frame)
    if (known) return known
    const next = new Debt(frame, this)
    this.#next.set(frame, next)
    return next
  }

  get frames(): Frame[] {
    const frames: Frame[] = []
    for (let each: Debt | undefined = this; each; each = each.#before) frames.push(each.#frame)
    return frames.reverse()
  }

  /** All of it, for one write; put together once for all who are owed it. */
  get bytes(): Buffer {
    this.#bytes ??= this.#before ? Buffer.concat(this.frames.map(({ bytes }) => bytes)) : this.#frame.bytes
    return this.#bytes
  }
}

/** One event, encoded once for everybody: as a packet of Engine.IO, and as the frame that a WebSocket sends of it. */
interface Frame {
  packet: string
  bytes: Buffer
}

/** Of Engine.IO, which writes a frame that is made already as it is. */
interface Connection {
  readonly readyState: string
  readonly writeBuffer: readonly unknown[]
  readonly transport: {
    readonly name: string
    readonly writable: boolean
    readonly perMessageDeflate?: unknown
    readonly socket?: { readonly readyState: number; readonly _sender?: Sender }
  }
  write(data: string, options?: { wsPreEncodedFrame: readonly Buffer[] }): unknown
  on(event: 'packetCreate', listener: (this: Connection) => void): unknown
}

interface Sender {
  sendFrame?(parts: readonly Buffer[]): void
}

/** What is owed is written at the end of the turn, or when it is this much: it should not pile up here. */
const mostBytes = 64 * 1024

/**
 * Tells events to the sockets of this process. An event is encoded once, and what one turn of the loop owes a socket is one
 * write: at so many receivers the system call is the cost. Whatever else is written to a socket comes after what it is owed.
 */
export class FanOut {
  readonly #sockets: Namespace
  readonly #owed = new Map<Connection, Debt>()
  /** Members of rooms, while nobody comes or goes in this turn. */
  readonly #members = new Map<string, readonly Connection[]>()
  #isPlanned = false

  constructor(sockets: Namespace) {
    this.#sockets = sockets
    sockets.adapter.on('join-room', (room: string) => this.#members.delete(room))
    sockets.adapter.on('leave-room', (room: string) => this.#members.delete(room))
    // One function for all of them.
    const settle = this.#settle
    const inOrder = function (this: Connection) {
      settle(this)
    }
    sockets.server.engine.on('connection', (connection: Connection) => connection.on('packetCreate', inOrder))
  }

  /** To all in the room but those who are in one of the others, too. */
  toRoom(room: string, except: readonly string[], event: string, data: unknown): void {
    const { rooms } = this.#sockets.adapter
    if (!rooms.has(room)) return
    const left = new Set(except.flatMap((other) => this.#membersOf(other)))
    const members = this.#membersOf(room)
    this.#owe(left.size === 0 ? members : members.filter((connection) => !left.has(connection)), encode(event, data))
  }

  toSockets(ids: readonly string[], event: string, data: unknown): void {
    this.#owe(this.#connectionsOf(ids), encode(event, data))
  }

  #membersOf(room: string): readonly Connection[] {
    const known = this.#members.get(room)
    if (known) return known
    const members = this.#connectionsOf(this.#sockets.adapter.rooms.get(room) ?? [])
    this.#members.set(room, members)
    this.#plan()
    return members
  }

  #connectionsOf(ids: Iterable<string>): Connection[] {
    const { sockets } = this.#sockets
    return [...ids].flatMap((id) => (sockets.get(id)?.conn as unknown as Connection) ?? [])
  }

  #owe(connections: readonly Connection[], frame: Frame): void {
    const alone = new Debt(frame)
    for (const connection of connections) {
      const debt = this.#owed.get(connection)?.and(frame) ?? alone
      this.#owed.set(connection, debt)
      if (debt.size > mostBytes) this.#settle(connection)
    }
    this.#plan()
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(() => {
      this.#isPlanned = false
      for (const connection of this.#owed.keys()) this.#settle(connection)
      this.#members.clear()
    })
  }

  readonly #settle = (connection: Connection): void => {
    const debt = this.#owed.get(connection)
    if (!debt) return
    this.#owed.delete(connection)
    // Who is told nothing more is not told this either.
    if (connection.readyState !== 'open') return
    const { transport, writeBuffer } = connection
    const sender = senderOf(connection)
    // Nothing waits: past the bookkeeping of Engine.IO, which costs a third of the write.
    if (sender && transport.writable && writeBuffer.length === 0) sender.sendFrame?.([debt.bytes])
    else if (sender) connection.write('', { wsPreEncodedFrame: [debt.bytes] })
    else for (const { packet } of debt.frames) connection.write(packet)
  }
}

const isOpen = 1

/** Of a WebSocket, which stays one; polling takes packets, and may become a WebSocket later on. */
function senderOf({ transport }: Connection): Sender | undefined {
  const { name, perMessageDeflate, socket } = transport
  const isPlain = name === 'websocket' && !perMessageDeflate && socket?.readyState === isOpen
  return isPlain && typeof socket._sender?.sendFrame === 'function' ? socket._sender : undefined
}

/** An event of Socket.IO without attachments is JSON behind a 2. */
function encode(event: string, data: unknown): Frame {
  const packet = `2${JSON.stringify([event, data])}`
  return { packet, bytes: textFrame(`4${packet}`) }
}

/** As RFC 6455 has it, for a server: whole, and without a mask. */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(head + length)
  frame[0] = 0x81
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, head)
  return frame
}
