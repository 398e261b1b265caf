export { serviceAccountRoutes } from './service-accounts.routes.ts'
export { ServiceAccountsService } from './service-accounts.service.ts'
