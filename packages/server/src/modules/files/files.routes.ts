import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { onceRead } from '../../platform/http/idempotency.ts'
import { Id, Problem } from '../../platform/http/schemas.ts'
import { validator } from '../../platform/http/validation.ts'
import { acceptFileForms, formBytes, readFileForm } from './file-form.ts'
import { FileList, FilePatch, FileQuery, NewFile, StoredFile, UploadFields } from './files.schema.ts'
import type { FilesService } from './files.service.ts'
import { tooLarge } from './measured.ts'

const tags = ['files']
const Params = Type.Object({ id: Id })
const readFields = validator<UploadFields>(UploadFields)

export const fileRoutes =
  (files: FilesService): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(uploadRoute(files))

    app.get('/files', {
      config: { access: { permission: 'files:read' } },
      schema: {
        operationId: 'listFiles',
        summary: 'The caller’s own files, newest first, and how much room they take',
        tags,
        querystring: FileQuery,
        response: { 200: FileList, 400: Problem, 401: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => files.list(actor, query),
    })

    app.get('/files/:id', {
      config: { access: { permission: 'files:read' } },
      schema: {
        operationId: 'getFile',
        summary: 'What is known of a file',
        tags,
        params: Params,
        response: { 200: StoredFile, 304: Type.Null(), 401: Problem, 404: Problem },
      },
      handler: async (request, reply) =>
        sendVersioned(request, reply, await files.get(request.actor, request.params.id)),
    })

    app.patch('/files/:id', {
      config: { access: { permission: 'files:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'updateFile',
        summary: 'Give one’s file another name, or choose who sees it',
        tags,
        params: Params,
        body: FilePatch,
        response: { 200: StoredFile, 401: Problem, 404: Problem, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendVersioned(request, reply, await files.update(actor, params.id, body, expectedVersion(request)))
      },
    })

    app.delete('/files/:id', {
      config: { access: { permission: 'files:update' } },
      schema: {
        operationId: 'removeFile',
        summary: 'Delete one’s file for good',
        tags,
        params: Params,
        response: { 204: Type.Null(), 401: Problem, 404: Problem, 409: Problem, 412: Problem },
      },
      handler: async (request, reply) => {
        await files.remove(request.actor, request.params.id, expectedVersion(request))
        return reply.code(204).send(null)
      },
    })
  }

/** Apart from the others, because only here a form is read. */
const uploadRoute =
  (files: FilesService): FastifyPluginAsyncTypebox =>
  async (app) => {
    await acceptFileForms(app)
    app.post('/files', {
      config: { access: { permission: 'files:create' }, idempotency: 'streamed' },
      // Before a byte of it is read.
      onRequest: async ({ headers }, reply) => {
        const least = Number(headers['content-length'] ?? 0) - formBytes
        if (least <= files.maxBytes) return
        reply.header('connection', 'close')
        throw tooLarge(files.maxBytes)
      },
      // The form is read as a stream; its fields are checked there.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'uploadFile',
        summary: 'Upload a file as a form; what it is, is told by its content',
        tags,
        consumes: ['multipart/form-data'],
        body: NewFile,
        response: {
          ...{ 201: StoredFile, 400: Problem, 401: Problem, 409: Problem, 413: Problem, 415: Problem, 422: Problem },
          ...{ 503: Problem, 507: Problem },
        },
      },
      handler: async (request, reply) => {
        const { actor, headers } = request
        const atLeast = Math.max(0, Number(headers['content-length'] ?? 0) - formBytes)
        const upload = { ownerId: actor.userId, purpose: 'file', visibility: 'private', atLeast } as const
        const { taken, fields } = await readFileForm(
          request,
          (name, bytes) => files.uploads.stage({ ...upload, name }, bytes),
          (staged) => files.uploads.discard(staged),
        )
        const ready = await files.prepare(taken, () => readFields(fields))
        await onceRead(request, reply, {
          content: [taken.sha256, taken.name, fields],
          run: () => files.admit(ready),
          answer: (to, file) => to.code(201).header('location', `/api/v1/files/${file.id}`).send(file),
          around: (work) => files.uploads.inTurn(actor.userId, work),
          giveUp: () => files.uploads.discard(ready.staged),
        })
        return reply
      },
    })
  }
