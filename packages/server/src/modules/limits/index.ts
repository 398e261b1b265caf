export { limitRoutes } from './limits.routes.ts'
export { LimitsService } from './limits.service.ts'
