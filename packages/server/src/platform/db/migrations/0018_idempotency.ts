import { createIdempotencyTable } from '../idempotency-table.ts'
import type { Migration } from '../migration.ts'

export const idempotency: Migration = {
  up: (db, dialect) => createIdempotencyTable(db, 'idempotency_keys', dialect),
}
