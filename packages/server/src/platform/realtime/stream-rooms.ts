import type { Namespace, Socket } from 'socket.io'
import { type EventEnvelope, type RenderedEvent, skipped } from '../events/event-rendering.ts'
import type { AppendedEvent } from '../events/streams.ts'
import type { FanOut } from './fan-out.ts'
import type { OpenedStream, SocketModule } from './socket-module.ts'

/** All who are connected. */
export const everyone = 'everyone'

export const userRoom = (userId: string): string => `user_${userId}`
export const roomOf = (stream: string): string => stream.replace(':', '_')
export const streamOf = (room: string): string => room.replace('_', ':')

const closedByEvents = /^(user|session|conversation)_/

/** Tells events to the sockets of this process, and moves sockets in and out of rooms as the events say (10.1, rule 7). */
export class StreamRooms {
  readonly #sockets: Namespace
  readonly #fanOut: FanOut
  readonly #opens: NonNullable<SocketModule['opens']>
  readonly #closes: NonNullable<SocketModule['closes']>
  readonly #tellFrom: (stream: string, from: number) => void
  /** Of each room, up to which seq its sockets are told nothing: what is told again for one is not for all. */
  readonly #starts = new Map<string, { newest: number; bySocket: Map<string, number> }>()

  constructor(
    sockets: Namespace,
    fanOut: FanOut,
    modules: readonly SocketModule[],
    tellFrom: (stream: string, from: number) => void,
  ) {
    this.#sockets = sockets
    this.#fanOut = fanOut
    this.#opens = Object.assign(Object.create(null), ...modules.map(({ opens }) => opens ?? {}))
    this.#closes = Object.assign(Object.create(null), ...modules.map(({ closes }) => closes ?? {}))
    this.#tellFrom = tellFrom
    sockets.adapter.on('leave-room', (room: string, id: string) => this.#starts.get(room)?.bySocket.delete(id))
    sockets.adapter.on('delete-room', (room: string) => this.#starts.delete(room))
  }

  /** What came up to `seq` is not told to this socket, and does not move it: it happened before its time. */
  startAt(socketId: string, stream: string, seq: number): void {
    const room = roomOf(stream)
    const { newest, bySocket } = this.#starts.get(room) ?? { newest: 0, bySocket: new Map<string, number>() }
    bySocket.set(socketId, Math.max(seq, bySocket.get(socketId) ?? 0))
    this.#starts.set(room, { newest: Math.max(seq, newest), bySocket })
  }

  /** Streams that a permission opens: who lost it hears no more. Those of people and conversations close by events. */
  async leaveLost(socket: Socket, readable: () => Promise<readonly { stream: string }[]>): Promise<void> {
    // Its own room is named by its id, which is of chance and may look like a stream's; without it nothing could be kept from it.
    const others = [...socket.rooms].filter((room) => room !== socket.id)
    const rooms = others.filter((room) => /^[a-z0-9-]+_/.test(room) && !closedByEvents.test(room))
    if (rooms.length === 0) return
    const kept = new Set((await readable()).map(({ stream }) => roomOf(stream)))
    for (const room of rooms) if (!kept.has(room)) await socket.leave(room)
  }

  tell(event: AppendedEvent, { envelope, hiddenFrom }: RenderedEvent): void {
    const room = roomOf(event.stream)
    const late = this.#startedAfter(room, event.seq)
    const opened = this.#opens[event.type]?.(event)
    if (opened) this.#open(room, opened)
    if (hiddenFrom.size === 0) this.#fanOut.toRoom(room, late, envelope.type, envelope)
    else this.#tellSome(room, envelope, [...hiddenFrom].map(userRoom), late)
    const closed = this.#closes[event.type]?.(event) ?? []
    if (closed === 'everyone') this.#sockets.in(room).socketsLeave(room)
    else if (closed.length > 0) this.#sockets.in(closed.map(userRoom)).except(late).socketsLeave(room)
  }

  #tellSome(room: string, envelope: EventEnvelope, hiddenRooms: string[], late: readonly string[]): void {
    const { rooms, sids } = this.#sockets.adapter
    this.#fanOut.toRoom(room, [...hiddenRooms, ...late], envelope.type, envelope)
    const those = new Set(hiddenRooms.flatMap((hidden) => [...(rooms.get(hidden) ?? [])]))
    for (const id of late) those.delete(id)
    const inRoom = [...those].filter((id) => sids.get(id)?.has(room))
    this.#fanOut.toSockets(inRoom, 'skipped', skipped(envelope))
  }

  #startedAfter(room: string, seq: number): string[] {
    const starts = this.#starts.get(room)
    // Only what is told again is that old.
    if (!starts || starts.newest < seq) return []
    return [...starts.bySocket].filter(([, start]) => start >= seq).map(([id]) => id)
  }

  /** The receivers of `from` hear another stream. */
  #open(from: string, opened: OpenedStream): void {
    for (const id of this.#sockets.adapter.rooms.get(from) ?? []) this.startAt(id, opened.stream, opened.from)
    this.#sockets.in(from).socketsJoin(roomOf(opened.stream))
    this.#tellFrom(opened.stream, opened.from)
  }
}
