import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { platformErrors } from '../../../platform/errors.ts'
import { parseJson } from '../../../platform/http/json-body.ts'
import { Problem } from '../../../platform/http/schemas.ts'
import { acceptFileForms, readFirstFile } from '../../files/index.ts'
import { TableParams } from '../data.schema.ts'
import { conflictOf } from '../query/asked.ts'
import { isObject } from '../query/filter-parser.ts'
import { formatOf, typesOfFiles } from './file-format.ts'
import type { ImportService } from './import.service.ts'
import type { Mapping } from './row-values.ts'
import { type ExportFormat as FileFormat, ImportQueryString, TableImport } from './transfer.schema.ts'

const refusals = { 400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 413: Problem, 415: Problem }

/** Apart from the others, because only here a body is read as it comes. */
export const importRoute =
  (importing: ImportService): FastifyPluginAsyncTypebox =>
  async (app) => {
    await acceptFileForms(app)
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser([...typesOfFiles], (_request, payload, done) => done(null, payload))
    app.post('/data/:table/import', {
      config: { access: { permission: 'data:write' } },
      schema: {
        operationId: 'importRows',
        summary:
          'Add the rows of a CSV, JSON or NDJSON file, or change those that are there; `dry_run` only tells what is wrong with it',
        description:
          'The file is the body, or the field `file` of a form. In CSV the first row names the columns, an empty cell is null and `""` the empty text.',
        tags: ['data'],
        consumes: ['text/csv', 'application/json', 'application/x-ndjson', 'multipart/form-data'],
        params: TableParams,
        querystring: ImportQueryString,
        response: { 200: TableImport, ...refusals, 422: Problem, 429: Problem, 503: Problem, 504: Problem },
      },
      handler: async (request, reply) => {
        const { format, mode = 'all', mapping, dry_run: dryRun = false } = request.query
        const conflict = conflictOf(request.query)
        const options = { table: request.params.table, mode, mapping: parseMapping(mapping), dryRun, conflict }
        const file = await fileOf(request, format)
        try {
          // A body that is given up must not take the connection with it: the answer is still to come.
          const source = file.stream.iterator({ destroyOnReturn: false })
          return await importing.run(request.actor, { ...options, format: file.format }, source)
        } finally {
          if (!request.raw.complete) reply.header('connection', 'close')
          file.stream.resume()
        }
      },
    })
  }

/** The body itself, or the first file of a form. */
async function fileOf(request: FastifyRequest, asked: FileFormat | undefined) {
  if (!request.isMultipart()) {
    const format = asked ?? formatOf(request.headers['content-type'] ?? '', '')
    if (!request.body || !format) throw platformErrors.validation_failed({ detail: 'There is no file' })
    return { format, stream: request.body as Readable }
  }
  const part = await readFirstFile(request)
  const format = part && (asked ?? formatOf(part.mimetype, part.filename))
  if (!part || !format) {
    const message = part ? 'Say what it is: format=csv, json or ndjson' : 'The form has no field "file" with a file'
    const errors = [{ pointer: part ? '/format' : '/file', code: 'required', message }]
    throw platformErrors.validation_failed({ detail: message, members: { errors } })
  }
  return { format, stream: part.file as Readable }
}

function parseMapping(text: string | undefined): Mapping {
  if (text === undefined) return {}
  const wrong = (cause?: unknown) => {
    const message = 'mapping is a JSON object of names and columns: {"Title":"title","No.":null}'
    const errors = [{ pointer: '/mapping', code: 'invalid', message }]
    return platformErrors.validation_failed({ detail: message, members: { errors }, cause })
  }
  let value: unknown
  try {
    value = parseJson(Buffer.from(text))
  } catch (error) {
    throw wrong(error)
  }
  if (!isObject(value) || Object.values(value).some((name) => name !== null && typeof name !== 'string')) throw wrong()
  return value as Mapping
}
