import type { TSchema } from 'typebox'
import type { Actor } from '../actor.ts'
import type { AppendedEvent } from '../events/streams.ts'
import { validator } from '../http/validation.ts'
import type { Access } from '../policy.ts'

/** A command that comes in by `socket.emit(name, input, ack)`: validated by its schema, run for the caller. */
export interface SocketCommand {
  name: string
  /** Who may, by the same policy as a route. */
  access: Access
  run(actor: Actor, input: unknown, socketId: string): Promise<unknown>
}

/** What a module does over sockets, as data. */
export interface SocketModule {
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
  run: (actor: Actor, input: Input, socketId: string) => Promise<unknown>,
): SocketCommand {
  const check = validator<Input>(schema)
  return { name, access, run: async (actor, input, socketId) => run(actor, check(input), socketId) }
}
