export { Dependencies } from './dependencies.service.ts'
export { detailedHealthRoutes } from './detailed.routes.ts'
export { type HealthDependencies, healthRoutes, metaRoutes } from './health.routes.ts'
