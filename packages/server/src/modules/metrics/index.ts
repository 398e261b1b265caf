export { databaseMetricsRoutes } from './database-metrics.routes.ts'
export { DatabaseMetrics } from './database-metrics.service.ts'
export { Exposition } from './exposition.ts'
export { metricsRoutes } from './metrics.routes.ts'
