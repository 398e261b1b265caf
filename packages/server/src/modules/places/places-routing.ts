import type { FastifyPluginAsync } from 'fastify'
import type { PlaceSearchService } from './place-search.service.ts'
import { placeItemRoutes } from './places.routes.ts'
import type { PlacesService } from './places.service.ts'

export interface PlaceRooms {
  places: PlacesService
  placeSearch: PlaceSearchService
}

export const placeRoutes =
  (rooms: PlaceRooms): FastifyPluginAsync =>
  async (app) => {
    await app.register(placeItemRoutes(rooms))
  }
