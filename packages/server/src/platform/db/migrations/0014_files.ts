import type { Migration } from '../migration.ts'

export const files: Migration = {
  async up(db, { types, tableOptions }) {
    // No reference to users: an upload would lock its owner's account, and accounts are never deleted.
    await db.schema
      .createTable('files')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('owner_id', types.id, (column) => column.notNull())
      .addColumn('purpose', types.key(32), (column) => column.notNull())
      .addColumn('visibility', types.key(16), (column) => column.notNull())
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('content_type', types.key(255), (column) => column.notNull())
      .addColumn('size', types.bigint, (column) => column.notNull())
      .addColumn('sha256', types.key(64), (column) => column.notNull())
      .addColumn('storage_key', types.key(128), (column) => column.notNull())
      .addColumn('width', types.integer)
      .addColumn('height', types.integer)
      .addColumn('details', types.text)
      .addColumn('unused_since', types.timestamp)
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addColumn('updated_at', types.timestamp, (column) => column.notNull())
      .addColumn('version', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('files_pkey', ['id'])
      .addUniqueConstraint('files_storage_key', ['storage_key'])
      .modifyEnd(tableOptions)
      .execute()
    for (const columns of [['owner_id', 'id'], ['owner_id', 'purpose', 'id'], ['unused_since']]) {
      await db.schema
        .createIndex(`files_${columns.join('_')}_index`)
        .ifNotExists()
        .on('files')
        .columns(columns)
        .execute()
    }

    await db.schema
      .createTable('file_uses')
      .ifNotExists()
      .addColumn('file_id', types.id, (column) => column.notNull())
      .addColumn('kind', types.key(32), (column) => column.notNull())
      .addColumn('used_by', types.key(64), (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('file_uses_pkey', ['file_id', 'kind', 'used_by'])
      .addForeignKeyConstraint('file_uses_file_id_fkey', ['file_id'], 'files', ['id'], (key) => key.onDelete('cascade'))
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('file_uses_kind_used_by_index')
      .ifNotExists()
      .on('file_uses')
      .columns(['kind', 'used_by'])
      .execute()

    await db.schema
      .createTable('file_uploads')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('owner_id', types.id, (column) => column.notNull())
      .addColumn('kind', types.key(16), (column) => column.notNull())
      .addColumn('storage_key', types.key(128), (column) => column.notNull())
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('purpose', types.key(32), (column) => column.notNull())
      .addColumn('visibility', types.key(16), (column) => column.notNull())
      .addColumn('size', types.bigint)
      .addColumn('reserved', types.bigint, (column) => column.notNull())
      .addColumn('received', types.bigint, (column) => column.notNull())
      .addColumn('sha256', types.key(64))
      .addColumn('content_type', types.key(255))
      .addColumn('state', types.longText)
      .addColumn('expires_at', types.timestamp, (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('file_uploads_pkey', ['id'])
      .addUniqueConstraint('file_uploads_storage_key', ['storage_key'])
      .modifyEnd(tableOptions)
      .execute()
    for (const columns of [['owner_id', 'id'], ['expires_at']]) {
      await db.schema
        .createIndex(`file_uploads_${columns.join('_')}_index`)
        .ifNotExists()
        .on('file_uploads')
        .columns(columns)
        .execute()
    }

    await db.schema
      .createTable('file_removals')
      .ifNotExists()
      .addColumn('storage_key', types.key(128), (column) => column.notNull())
      .addColumn('due_at', types.timestamp, (column) => column.notNull())
      .addColumn('attempts', types.integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('file_removals_pkey', ['storage_key'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('file_removals_due_at_index')
      .ifNotExists()
      .on('file_removals')
      .column('due_at')
      .execute()

    await db.schema
      .createTable('file_usage')
      .ifNotExists()
      .addColumn('owner_id', types.id, (column) => column.notNull())
      .addColumn('bytes', types.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint('file_usage_pkey', ['owner_id'])
      .modifyEnd(tableOptions)
      .execute()
  },
}
