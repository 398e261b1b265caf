import type { Migration } from '../migration.ts'

export const places: Migration = {
  async up(db, { types, tableOptions, geo }) {
    await db.schema
      .createTable('places')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('owner_id', types.id, (column) => column.notNull())
      .addColumn('visibility', types.key(16), (column) => column.notNull())
      .addColumn('name', types.string(200), (column) => column.notNull())
      .addColumn('category', types.key(64))
      .addColumn('lon', types.double, (column) => column.notNull())
      .addColumn('lat', types.double, (column) => column.notNull())
      .addColumn('properties', types.json, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('places_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    const index = (columns: ('owner_id' | 'visibility' | 'category' | 'id')[]) =>
      db.schema
        .createIndex(`places_${columns.join('_')}_index`)
        .ifNotExists()
        .on('places')
        .columns(columns)
        .execute()
    // A page of one’s own, of everybody’s, or of one kind is read from its newest end and no farther.
    await index(['owner_id', 'id'])
    await index(['visibility', 'id'])
    await index(['visibility', 'category', 'id'])
    await geo.createIndex(db, 'places')

    // No reference to users: written often, while their rows may be locked.
    await db.schema
      .createTable('user_locations')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('lon', types.double, (column) => column.notNull())
      .addColumn('lat', types.double, (column) => column.notNull())
      .addColumn('precision_m', types.integer, (column) => column.notNull())
      .addColumn('share', types.key(16), (column) => column.notNull())
      .addColumn('expires_at', types.timestamp)
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('user_locations_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('user_locations_expires_at_index')
      .ifNotExists()
      .on('user_locations')
      .column('expires_at')
      .execute()
    await geo.createIndex(db, 'user_locations')
  },
}
