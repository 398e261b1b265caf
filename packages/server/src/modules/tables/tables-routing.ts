import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { adminTableRoutes } from './admin-tables.routes.ts'
import { batchRoute } from './batch/batch.routes.ts'
import type { Tables } from './build-tables.ts'
import { dataRoutes } from './data.routes.ts'
import { deletedRoutes } from './history/deleted.routes.ts'
import { revisionRoutes } from './history/revisions.routes.ts'
import { exportRoute } from './transfer/export.routes.ts'
import { importRoute } from './transfer/import.routes.ts'
import { newTableRoute } from './transfer/new-table.routes.ts'

export const tableRoutes =
  (tables: Tables): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(dataRoutes(tables))
    await app.register(batchRoute(tables))
    await app.register(exportRoute(tables.exporting))
    await app.register(importRoute(tables.importing))
    await app.register(newTableRoute(tables))
    await app.register(revisionRoutes(tables.revisions))
    await app.register(deletedRoutes(tables.deleted))
    await app.register(adminTableRoutes(tables))
  }
