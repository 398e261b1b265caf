import type { FastifyPluginAsync } from 'fastify'
import { placeImportRoute } from './import.routes.ts'
import { locationRoutes } from './locations.routes.ts'
import type { LocationsService } from './locations.service.ts'
import type { PlaceImportService } from './place-import.service.ts'
import type { PlaceSearchService } from './place-search.service.ts'
import { placeItemRoutes } from './places.routes.ts'
import type { PlacesService } from './places.service.ts'

export interface PlaceRooms {
  places: PlacesService
  placeSearch: PlaceSearchService
  locations: LocationsService
  placeImports: PlaceImportService
}

export const placeRoutes =
  (rooms: PlaceRooms): FastifyPluginAsync =>
  async (app) => {
    await app.register(placeItemRoutes(rooms))
    await app.register(placeImportRoute(rooms.placeImports))
    await app.register(locationRoutes(rooms.locations))
  }
