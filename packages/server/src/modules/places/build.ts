import { type LocationsDependencies, LocationsService } from './locations.service.ts'
import { type PlaceSearchDependencies, PlaceSearchService } from './place-search.service.ts'
import { type PlacesDependencies, PlacesService } from './places.service.ts'

export type PlacesRoomDependencies = PlacesDependencies & PlaceSearchDependencies & LocationsDependencies

export const buildPlaces = (deps: PlacesRoomDependencies) => ({
  places: new PlacesService(deps),
  placeSearch: new PlaceSearchService(deps),
  locations: new LocationsService(deps),
})
