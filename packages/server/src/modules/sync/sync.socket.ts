import { command, type SocketModule } from '../../platform/realtime/socket-module.ts'
import { SyncRequest } from './sync.schema.ts'
import type { SyncService } from './sync.service.ts'

export const syncSocket = (sync: SyncService): SocketModule => ({
  commands: [
    command<SyncRequest>('sync', { permission: 'events:read' }, SyncRequest, (actor, input) => sync.sync(actor, input)),
  ],
})
