import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { platformErrors } from '../../platform/errors.ts'
import { Id, Problem, Time } from '../../platform/http/schemas.ts'
import { checksumAlgorithms, type TusService, type TusState } from './tus.service.ts'
import { readChecksum, readMetadata, readNumber } from './tus-headers.ts'

const tags = ['files']
const version = '1.0.0'
const path = '/files/tus'
const bytes = 'application/offset+octet-stream'
const Params = Type.Object({ id: Id })

const TusUpload = Type.Object(
  { id: Id, offset: Type.Integer(), size: Type.Integer(), expires_at: Type.Optional(Time) },
  { title: 'TusUpload', description: 'Without expires_at it is the file of this id' },
)

export const tusRoutes =
  (tus: TusService, maxBytes: number): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addContentTypeParser(bytes, (_request, payload, done) => done(null, payload))
    app.addHook('onRequest', async (request, reply) => {
      reply.headers({
        'tus-resumable': version,
        'tus-version': version,
        'tus-extension': 'creation,expiration,checksum,termination',
        'tus-max-size': String(maxBytes),
        'tus-checksum-algorithm': checksumAlgorithms.join(','),
      })
      const spoken = request.headers['tus-resumable']
      if (spoken !== undefined && spoken !== version) {
        throw platformErrors.precondition_failed({ detail: `This server speaks tus ${version}` })
      }
    })

    app.post(path, {
      config: { access: { permission: 'files:create' } },
      schema: {
        operationId: 'createTusUpload',
        summary: 'Begin an upload that can be interrupted (tus 1.0.0)',
        tags,
        response: { 201: Type.Null(), 400: Problem, 401: Problem, 412: Problem, 413: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const size = readNumber(request, 'upload-length')
        const state = await tus.create(request.actor, { size, ...readMetadata(request) })
        return send(reply.code(201).header('location', `/api/v1${path}/${state.id}`), state).send(null)
      },
    })

    app.get(`${path}/:id`, {
      config: { access: { permission: 'files:create' } },
      schema: {
        operationId: 'getTusUpload',
        summary: 'How far an upload is; by HEAD as tus has it',
        tags,
        params: Params,
        response: { 200: TusUpload, 401: Problem, 404: Problem, 410: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        const state = await tus.find(actor, params.id)
        send(reply, state).header('cache-control', 'no-store')
        return toAnswer(state)
      },
    })

    app.patch(`${path}/:id`, {
      config: { access: { permission: 'files:create' } },
      schema: {
        operationId: 'appendTusUpload',
        summary: 'Send bytes from Upload-Offset on; with the last one it is a file',
        tags,
        params: Params,
        response: {
          ...{ 204: Type.Null(), 400: Problem, 401: Problem, 404: Problem, 409: Problem, 410: Problem, 413: Problem },
          ...{ 415: Problem, 460: Problem, 503: Problem, 507: Problem },
        },
      },
      handler: async (request, reply) => {
        const { id } = request.params
        const state = await tus.append(request.actor, id, offsetOf(request), bodyOf(request))
        return send(reply.code(204), state).send(null)
      },
    })

    app.delete(`${path}/:id`, {
      config: { access: { permission: 'files:create' } },
      schema: {
        operationId: 'removeTusUpload',
        summary: 'Give an upload up',
        tags,
        params: Params,
        response: { 204: Type.Null(), 401: Problem, 404: Problem, 410: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await tus.remove(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }

function send(reply: FastifyReply, { offset, size, expiresAt }: TusState): FastifyReply {
  reply.headers({ 'upload-offset': String(offset), 'upload-length': String(size) })
  if (expiresAt !== undefined) reply.header('upload-expires', new Date(expiresAt).toUTCString())
  return reply
}

const toAnswer = ({ id, offset, size, expiresAt }: TusState): Static<typeof TusUpload> => ({
  ...{ id, offset, size },
  ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
})

function offsetOf(request: FastifyRequest) {
  const declared = request.headers['content-length']
  return {
    offset: readNumber(request, 'upload-offset'),
    length: declared === undefined ? undefined : Number(declared),
    checksum: readChecksum(request),
  }
}

function bodyOf({ body, headers }: FastifyRequest): Readable {
  if (headers['content-type'] === bytes) return body as Readable
  throw platformErrors.unsupported_media_type({ detail: `Send the bytes as ${bytes}` })
}
