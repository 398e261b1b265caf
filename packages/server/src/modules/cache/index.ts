export { cacheRoutes } from './cache.routes.ts'
export { CacheService } from './cache.service.ts'
