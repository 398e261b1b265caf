import { type Static, Type } from 'typebox'
import { nullable, strict } from '../../../platform/http/schemas.ts'
import { filterText, text } from '../data.schema.ts'
import { NewTableColumn } from '../tables.schema.ts'

export const ExportFormat = Type.Union([Type.Literal('csv'), Type.Literal('json'), Type.Literal('ndjson')])
export type ExportFormat = Static<typeof ExportFormat>

/** Beside these, `filter[column][operator]=value`, as in a list. */
export const ExportQueryString = Type.Object(
  {
    format: Type.Optional({ ...ExportFormat, default: 'csv' }),
    filter: filterText,
    search: text(200, 'Words that have to be in the texts of a row'),
    sort: text(4000, '`-created_at,name`; without it, by the key, which is fastest'),
    fields: text(4000, 'Columns of the table to take along: `id,title`'),
  },
  { additionalProperties: true },
)

export const ImportQueryString = Type.Object(
  {
    format: Type.Optional({ ...ExportFormat, description: 'Left out: what the type or the name of the file says' }),
    mode: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('batches')], {
        default: 'all',
        description:
          '`all`: all rows or none, up to 10,000. `batches`: any number, 500 at a time; rows that cannot be are left out',
      }),
    ),
    on_conflict: text(1000, 'Columns of the key, or of something unique: rows that are there are changed'),
    resolution: Type.Optional(
      Type.Union([Type.Literal('merge'), Type.Literal('ignore')], {
        default: 'merge',
        description: 'What becomes of a row that is there: it is changed, or stays as it is',
      }),
    ),
    mapping: text(
      8000,
      'A JSON object of names in the file and the columns they are for; null leaves one out: `{"Title":"title","No.":null}`',
    ),
    dry_run: Type.Optional(Type.Boolean({ description: 'Everything is checked, nothing is kept' })),
  },
  strict,
)

export const RowProblem = Type.Object(
  {
    row: Type.Integer({ description: 'From 1; in CSV the header is the first' }),
    field: nullable(Type.String()),
    code: Type.String(),
    message: Type.String(),
  },
  { title: 'TableRowProblem' },
)
export type RowProblem = Static<typeof RowProblem>

export const TableImport = Type.Object(
  {
    dry_run: Type.Boolean(),
    rows: Type.Integer({ description: 'That were read, without a header' }),
    created: Type.Integer(),
    updated: Type.Integer({ description: 'With on_conflict: that were there' }),
    failed: Type.Integer(),
    errors: Type.Array(RowProblem, { description: 'The first 100' }),
    stopped: nullable(
      Type.String({ description: 'Why it ended before the file did: too_many_errors, busy, unavailable' }),
    ),
    columns: Type.Array(Type.Object({ source: Type.String(), column: nullable(Type.String()) }), {
      description: 'Of a CSV file, and the column each is for',
    }),
  },
  { title: 'TableImport' },
)
export type TableImport = Static<typeof TableImport>

/** By name in the file: what the column is called, and of which type it is; null leaves it out. */
export const FileColumns = Type.Record(
  Type.String({ maxLength: 300 }),
  nullable(
    Type.Object(
      { name: Type.Optional(NewTableColumn.properties.name), type: Type.Optional(NewTableColumn.properties.type) },
      strict,
    ),
  ),
  { maxProperties: 200 },
)
export type FileColumns = Static<typeof FileColumns>

export const TableFileQuery = Type.Object(
  {
    format: Type.Optional({ ...ExportFormat, description: 'Left out: what the type or the name of the file says' }),
    columns: text(
      8000,
      'A JSON object for what is not as it was guessed: `{"Zip":{"name":"zip","type":"text"},"No.":null}`',
    ),
    key: text(1000, 'Columns of the key; left out: `id`, which counts by itself where the file has none'),
    dry_run: Type.Optional(Type.Boolean({ description: 'Tells which columns it would have; nothing is made' })),
  },
  strict,
)

/** What a file would become. */
export const TablePreview = Type.Object(
  {
    name: Type.String(),
    key: Type.Array(Type.String()),
    rows: Type.Integer(),
    columns: Type.Array(
      Type.Object({
        source: Type.String({ description: 'Its name in the file' }),
        name: Type.String(),
        type: Type.String(),
        length: Type.Optional(Type.Integer()),
        precision: Type.Optional(Type.Integer()),
        scale: Type.Optional(Type.Integer()),
        samples: Type.Array(Type.String()),
      }),
    ),
    failed: Type.Integer({ description: 'Rows that cannot be read' }),
    errors: Type.Array(RowProblem),
  },
  { title: 'TablePreview' },
)
export type TablePreview = Static<typeof TablePreview>
