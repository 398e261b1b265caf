export { adminUserRoutes } from './admin-users.routes.ts'
export { buildAdmin } from './build.ts'
export { impersonationRoutes } from './impersonation.routes.ts'
export { outranks } from './rank.ts'
