export type { DeviceRow } from './devices.repository.ts'
export { deviceRoutes } from './devices.routes.ts'
export { DevicesService } from './devices.service.ts'
