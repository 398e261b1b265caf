import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, strict } from '../../platform/http/schemas.ts'
import { acceptFileForms, readSmallFile } from '../files/index.ts'
import type { PlaceImportService } from './place-import.service.ts'
import { PlaceImport } from './places.schema.ts'

const maxBytes = 5 * 1024 * 1024

/** Apart from the others, because only here a form is read. */
export const placeImportRoute =
  (imports: PlaceImportService): FastifyPluginAsyncTypebox =>
  async (app) => {
    await acceptFileForms(app)
    app.post('/places/import', {
      config: { access: { permission: 'places:update' } },
      schema: {
        operationId: 'importPlaces',
        summary:
          'Add the places of a GeoJSON or CSV file, all of them or none; `dry_run` only tells what is wrong with it',
        tags: ['places'],
        consumes: ['multipart/form-data'],
        querystring: Type.Object({ dry_run: Type.Optional(Type.Boolean({ default: false })) }, strict),
        response: {
          ...{ 200: PlaceImport, 400: Problem, 401: Problem, 413: Problem, 415: Problem, 422: Problem, 429: Problem },
        },
      },
      handler: async (request) =>
        imports.run(request.actor, await readSmallFile(request, maxBytes), { dryRun: request.query.dry_run ?? false }),
    })
  }
