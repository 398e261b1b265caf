import { type LocationsDependencies, LocationsService } from './locations.service.ts'
import { type PlaceImportDependencies, PlaceImportService } from './place-import.service.ts'
import { type PlaceSearchDependencies, PlaceSearchService } from './place-search.service.ts'
import { type PlacesDependencies, PlacesService } from './places.service.ts'

export type PlacesRoomDependencies = PlacesDependencies &
  PlaceSearchDependencies &
  PlaceImportDependencies &
  LocationsDependencies

export const buildPlaces = (deps: PlacesRoomDependencies) => ({
  places: new PlacesService(deps),
  placeSearch: new PlaceSearchService(deps),
  placeImports: new PlaceImportService(deps),
  locations: new LocationsService(deps),
})
