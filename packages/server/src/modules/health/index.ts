export { type HealthDependencies, healthRoutes, metaRoutes } from './health.routes.ts'
