import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { platformErrors } from '../../../platform/errors.ts'
import { etagOf } from '../../../platform/http/etag.ts'
import { Problem } from '../../../platform/http/schemas.ts'
import { validator } from '../../../platform/http/validation.ts'
import { acceptFileForms, readFirstFile } from '../../files/index.ts'
import type { TableMakingService } from '../table-making.service.ts'
import { AdminTable, NewTable } from '../tables.schema.ts'
import { formatOf } from './file-format.ts'
import { parseFileColumns } from './file-shape.ts'
import type { TableFileService } from './table-file.service.ts'
import { type ExportFormat as FileFormat, TableFileQuery, TablePreview } from './transfer.schema.ts'

const readTable = validator<NewTable>(NewTable)
const readName = validator<{ name: string }>(Type.Object({ name: NewTable.properties.name }))

/** Apart from the others, because only here a form is read. */
export const newTableRoute =
  ({ making, tableFiles }: { making: TableMakingService; tableFiles: TableFileService }): FastifyPluginAsyncTypebox =>
  async (app) => {
    await acceptFileForms(app)
    app.post('/admin/data/tables', {
      config: { access: { permission: 'tables:update' }, recentAuth: true },
      schema: {
        operationId: 'createTable',
        summary: 'Make a table from a list of columns, or from a CSV, JSON or NDJSON file; it is exposed to nobody yet',
        description:
          'As a form: `name`, and then `file`. Types are guessed from all of its values; `dry_run` tells them and makes nothing.',
        tags: ['administration'],
        consumes: ['application/json', 'multipart/form-data'],
        querystring: TableFileQuery,
        body: NewTable,
        response: {
          ...{ 200: TablePreview, 201: AdminTable, 400: Problem, 401: Problem, 403: Problem, 404: Problem },
          ...{ 409: Problem, 413: Problem, 415: Problem, 422: Problem, 503: Problem },
        },
      },
      // A form is read as it comes; what is in a list of columns is checked below.
      validatorCompiler: (route) =>
        route.httpPart === 'body' ? () => true : (app.validatorCompiler?.(route) ?? (() => true)),
      handler: async (request, reply) => {
        const { query } = request
        const table = request.isMultipart()
          ? await fromFile(tableFiles, request, query)
          : await making.create(readTable(request.body))
        if (!('settings' in table)) return reply.code(200).send(table)
        reply.code(201).headers({
          location: `/api/v1/admin/data/tables/${encodeURIComponent(table.name)}`,
          etag: etagOf(table.version),
        })
        return table
      },
    })
  }

async function fromFile(
  tableFiles: TableFileService,
  request: FastifyRequest,
  query: { format?: FileFormat; columns?: string; key?: string; dry_run?: boolean },
) {
  const part = await readFirstFile(request)
  const format = part && (query.format ?? formatOf(part.mimetype, part.filename))
  if (part?.fieldname !== 'file' || !format) {
    throw platformErrors.validation_failed({
      detail: 'The form needs name, and then file, whose name or type says what it is',
    })
  }
  const field = part.fields.name
  const { name } = readName({ name: field && !Array.isArray(field) && 'value' in field ? field.value : undefined })
  const asked = { name, format, asked: parseFileColumns(query.columns), key: query.key?.split(',') }
  try {
    const source = (part.file as Readable).iterator({ destroyOnReturn: false })
    return await (query.dry_run ? tableFiles.preview(asked, source) : tableFiles.create(asked, source))
  } finally {
    part.file.resume()
  }
}
