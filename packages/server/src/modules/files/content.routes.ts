import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import { type Content, sendContent } from './content-answer.ts'
import { ContentQuery, LinkRequest, SignedLink } from './files.schema.ts'
import type { FilesService } from './files.service.ts'
import type { SignedLinks } from './signed-links.ts'

const Params = Type.Object({ id: Id })
const Bytes = Type.Unsafe<unknown>({ type: 'string', format: 'binary' })

export const contentRoutes =
  (files: FilesService, links: SignedLinks): FastifyPluginAsyncTypebox =>
  async (app) => {
    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      const { id } = request.params as Static<typeof Params>
      const query = request.query as ContentQuery
      const { w, h, fit, format } = query
      const isLinked = links.isOpen(id, query)
      const row = isLinked ? await files.find(id) : await files.findReadable(request.visitor, id)
      const content: Omit<Content, 'open'> = {
        name: row.name,
        contentType: row.content_type,
        size: row.size,
        etag: `"${row.sha256}"`,
        modifiedAt: row.created_at,
        sharing: row.visibility === 'public' ? 'public' : isLinked ? 'link' : 'private',
        isLasting: row.purpose === 'avatar' || row.purpose === 'conversation_picture',
      }
      if (w ?? h ?? fit ?? format) {
        const variant = await files.pictures.variant(row, { w, h, fit, format })
        return sendContent(request, reply, { ...content, ...variant }, query)
      }
      return sendContent(request, reply, { ...content, open: (range) => files.content(row, range) }, query)
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
          ...{ 200: Bytes, 206: Bytes, 304: Type.Null(), 401: Problem, 403: Problem, 404: Problem, 413: Problem },
          ...{ 415: Problem, 416: Problem, 422: Problem, 503: Problem },
        },
      },
      handler: answer,
    })

    app.post('/files/:id/signed-url', {
      config: { access: { permission: 'files:update' } },
      schema: {
        operationId: 'signFileUrl',
        summary: 'A link that opens one’s file to whoever has it, for a while',
        tags: ['files'],
        params: Params,
        body: LinkRequest,
        response: { 200: SignedLink, 401: Problem, 403: Problem, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }) => links.make(actor, params.id, body),
    })
  }
