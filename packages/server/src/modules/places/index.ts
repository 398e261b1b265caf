export { buildPlaces } from './build.ts'
export type { PlacesService } from './places.service.ts'
export { placeRoutes } from './places-routing.ts'
