export { syncRoutes } from './sync.routes.ts'
export { SyncService } from './sync.service.ts'
export { syncSocket } from './sync.socket.ts'
