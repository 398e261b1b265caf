import { command, type SocketModule } from '../../platform/realtime/socket-module.ts'
import { DataSubscription, DataUnsubscription } from './live/live.schema.ts'
import type { RowFeed } from './live/row-feed.ts'

const access = { permission: 'data:read' }

export const tablesSocket = ({ feed }: { feed: RowFeed }): SocketModule => ({
  enters: (_, socket) => {
    feed.enter(socket)
    return () => feed.leave(socket)
  },
  commands: [
    command<DataSubscription>('data.subscribe', access, DataSubscription, (actor, input, socket) =>
      feed.subscribe(actor, input, socket),
    ),
    command<{ subscription_id: string }>('data.unsubscribe', access, DataUnsubscription, async (_, input, socket) => {
      feed.unsubscribe(input.subscription_id, socket)
      return {}
    }),
  ],
})
