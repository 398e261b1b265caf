export { buildExplain } from './build-explain.ts'
export { explainRoutes } from './explain.routes.ts'
