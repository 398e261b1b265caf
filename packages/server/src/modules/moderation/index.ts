export { buildModeration, forgetModeration } from './build.ts'
export { moderationRoutes } from './moderation.routes.ts'
export type { Reportable } from './reports.service.ts'
