import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import { sendContent } from './content-answer.ts'
import { ContentQuery } from './files.schema.ts'
import type { FilesService } from './files.service.ts'

const Params = Type.Object({ id: Id })
const Bytes = Type.Unsafe<unknown>({ type: 'string', format: 'binary' })

export const contentRoutes =
  (files: FilesService): FastifyPluginAsyncTypebox =>
  async (app) => {
    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      const { id } = request.params as Static<typeof Params>
      const { download } = request.query as ContentQuery
      const row = await files.findReadable(request.visitor, id)
      const content = {
        name: row.name,
        contentType: row.content_type,
        size: row.size,
        etag: `"${row.sha256}"`,
        modifiedAt: row.created_at,
        isPublic: row.visibility === 'public',
      }
      return sendContent(request, reply, { ...content, open: (range) => files.open(row, range) }, { download })
    }
    const schema = {
      tags: ['files'],
      params: Params,
      querystring: ContentQuery,
    }
    const path = '/files/:id/content'
    // Its own HEAD: the one that comes with a GET would read the whole file and throw it away.
    app.head(path, {
      config: { access: 'optional' },
      schema: { ...schema, operationId: 'headFileContent', hide: true },
      handler: answer,
    })
    app.get(path, {
      config: { access: 'optional' },
      schema: {
        ...schema,
        operationId: 'getFileContent',
        summary: 'The bytes, whole or a part of them; who may read them is as for the file',
        response: {
          ...{ 200: Bytes, 206: Bytes, 304: Type.Null(), 401: Problem, 404: Problem, 416: Problem, 503: Problem },
        },
      },
      handler: answer,
    })
  }
