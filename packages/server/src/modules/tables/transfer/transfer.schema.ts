import { type Static, Type } from 'typebox'
import { filterText, text } from '../data.schema.ts'

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
