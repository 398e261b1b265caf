import type { Migration } from '../migration.ts'

/** Where the places of one category lie: beside a spatial index, which knows no categories. */
export const placesByCategory: Migration = {
  async up(db) {
    await db.schema
      .createIndex('places_category_lat_lon_index')
      .ifNotExists()
      .on('places')
      .columns(['category', 'lat', 'lon'])
      .execute()
  },
}
