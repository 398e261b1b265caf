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
  /** Events that open a stream to their receivers: the sockets of their room join it before anything of it is told. */
  opens?: Readonly<Record<string, (event: AppendedEvent) => string>>
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
