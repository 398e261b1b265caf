import type { Namespace } from 'socket.io'
import { type EventEnvelope, type RenderedEvent, skipped } from '../events/event-rendering.ts'
import type { AppendedEvent } from '../events/streams.ts'
import type { OpenedStream, SocketModule } from './socket-module.ts'

export const userRoom = (userId: string): string => `user_${userId}`
export const roomOf = (stream: string): string => stream.replace(':', '_')
export const streamOf = (room: string): string => room.replace('_', ':')

/** Tells events to the sockets of this process, and moves sockets in and out of rooms as the events say (10.1, rule 7). */
export class StreamRooms {
  readonly #sockets: Namespace
  readonly #opens: NonNullable<SocketModule['opens']>
  readonly #closes: NonNullable<SocketModule['closes']>
  readonly #tellFrom: (stream: string, from: number) => void

  constructor(sockets: Namespace, modules: readonly SocketModule[], tellFrom: (stream: string, from: number) => void) {
    this.#sockets = sockets
    this.#opens = Object.assign(Object.create(null), ...modules.map(({ opens }) => opens ?? {}))
    this.#closes = Object.assign(Object.create(null), ...modules.map(({ closes }) => closes ?? {}))
    this.#tellFrom = tellFrom
  }

  tell(event: AppendedEvent, { envelope, hiddenFrom }: RenderedEvent): void {
    const room = roomOf(event.stream)
    const opened = this.#opens[event.type]?.(event)
    if (opened) this.#open(room, opened)
    if (hiddenFrom.size === 0) this.#sockets.to(room).emit(envelope.type, envelope)
    else this.#tellSome(room, envelope, [...hiddenFrom].map(userRoom))
    const closed = this.#closes[event.type]?.(event) ?? []
    if (closed === 'everyone') this.#sockets.in(room).socketsLeave(room)
    else if (closed.length > 0) this.#sockets.in(closed.map(userRoom)).socketsLeave(room)
  }

  #tellSome(room: string, envelope: EventEnvelope, hiddenRooms: string[]): void {
    const { rooms, sids } = this.#sockets.adapter
    this.#sockets.to(room).except(hiddenRooms).emit(envelope.type, envelope)
    const those = new Set(hiddenRooms.flatMap((hidden) => [...(rooms.get(hidden) ?? [])]))
    for (const id of those) if (sids.get(id)?.has(room)) this.#sockets.to(id).emit('skipped', skipped(envelope))
  }

  /** The receivers of `from` hear another stream. */
  #open(from: string, opened: OpenedStream): void {
    this.#sockets.in(from).socketsJoin(roomOf(opened.stream))
    this.#tellFrom(opened.stream, opened.from)
  }
}
