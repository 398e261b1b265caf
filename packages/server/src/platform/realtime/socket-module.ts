import type { TSchema } from 'typebox'
import type { Actor } from '../actor.ts'
import type { AppendedEvent } from '../events/streams.ts'
import { validator } from '../http/validation.ts'
import type { Access } from '../policy.ts'

/** A connected socket, as modules see it. */
export interface CommandSocket {
  readonly id: string
  /** Whether it hears a stream. Of a conversation that is the proof of membership: only the server lets anybody in. */
  hears(stream: string): boolean
  tell(event: string, payload: unknown): void
}

/** A command that comes in by `socket.emit(name, input, ack)`: validated by its schema, run for the caller. */
export interface SocketCommand {
  name: string
  /** Who may, by the same policy as a route. */
  access: Access
  run(actor: Actor, input: unknown, socket: CommandSocket): Promise<unknown>
}

/** What a module does over sockets, as data. */
export interface SocketModule {
  /** Told of each socket that came in, and answers what to do when it is gone. */
  enters?: (actor: Actor, socket: CommandSocket) => () => void
  commands: readonly SocketCommand[]
  /** Events that open another stream to their receivers: their sockets join it before anything of it is told. */
  opens?: Readonly<Record<string, (event: AppendedEvent) => OpenedStream>>
  /** Events that end somebody's reading of the stream they are in: those sockets leave before the next event is told. */
  closes?: Readonly<Record<string, (event: AppendedEvent) => readonly string[] | 'everyone'>>
}

export interface OpenedStream {
  stream: string
  /** What came up to here is not told. */
  from: number
}

export function command<Input>(
  name: string,
  access: Access,
  schema: TSchema,
  run: (actor: Actor, input: Input, socket: CommandSocket) => Promise<unknown>,
): SocketCommand {
  const check = validator<Input>(schema)
  return { name, access, run: async (actor, input, socket) => run(actor, check(input), socket) }
}
