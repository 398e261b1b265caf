import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import { PresignedUpload, PresignRequest, StoredFile } from './files.schema.ts'
import type { PresignedUploads } from './presigned.service.ts'

const tags = ['files']

export const presignedRoutes =
  (presigned: PresignedUploads): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/files/presigned', {
      config: { access: { permission: 'files:create' } },
      schema: {
        operationId: 'presignUpload',
        summary: 'An address of the storage to send a file to, past this server',
        tags,
        body: PresignRequest,
        response: {
          ...{ 201: PresignedUpload, 401: Problem, 409: Problem, 413: Problem, 422: Problem, 503: Problem },
        },
      },
      handler: async ({ actor, body }, reply) => reply.code(201).send(await presigned.begin(actor, body)),
    })

    app.post('/files/:id/complete', {
      config: { access: { permission: 'files:create' } },
      schema: {
        operationId: 'completeUpload',
        summary: 'What was sent there is a file now, if it is what was announced',
        tags,
        params: Type.Object({ id: Id }),
        response: {
          ...{ 200: StoredFile, 401: Problem, 404: Problem, 409: Problem, 410: Problem, 422: Problem, 503: Problem },
        },
      },
      handler: async ({ actor, params }) => presigned.complete(actor, params.id),
    })
  }
