import { Type } from 'typebox'
import type { Clock } from '../clock.ts'
import { accessErrors } from '../policy.ts'
import type { SocketGate } from './gate.ts'
import { command, type SocketCommand } from './socket-module.ts'

const RenewRequest = Type.Object(
  { token: Type.Optional(Type.String({ maxLength: 2048 })) },
  { additionalProperties: false, title: 'RenewRequest' },
)
const Empty = Type.Object({}, { additionalProperties: false, title: 'Empty' })

interface Connections {
  gate: SocketGate
  now: Clock
  /** When the access of a socket's session ends, as of now. */
  renew(socketId: string): Promise<number | undefined>
}

/** What every connection can do, whatever the modules add. */
export const connectionCommands = ({ gate, now, renew }: Connections): SocketCommand[] => [
  command('ping', 'user', Empty, async () => ({ server_time: now().toISOString() })),
  command<{ token?: string }>('auth.renew', 'user', RenewRequest, async (actor, { token }, { id }) => {
    if (token !== undefined) {
      const entered = await gate.enter({ headers: {}, cookiesCount: false, token })
      if (entered.actor.sessionId !== actor.sessionId) throw accessErrors.forbidden()
    }
    const expiresAt = await renew(id)
    return { expires_at: expiresAt === undefined ? null : new Date(expiresAt * 1000).toISOString() }
  }),
]
