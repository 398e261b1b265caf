import { Type } from 'typebox'
import { nullable, strict } from '../../platform/http/schemas.ts'

export const text = (maxLength: number, description: string) => Type.Optional(Type.String({ maxLength, description }))

const shape = {
  fields: text(4000, 'Columns to show, also of relations: `id,title,author.name`'),
  expand: text(4000, 'Relations to bring along: `author,comments(limit:5,sort:-id)`'),
}

const paging = {
  sort: text(4000, '`-created_at,name`; nulls come last, the key decides between equals'),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: text(8000, 'next_cursor or prev_cursor of another page'),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  count: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('exact'), Type.Literal('estimated')])),
  search: text(200, 'Words that have to be in the texts of a row'),
  ...shape,
}

export const filterText = text(
  16_000,
  'A JSON object: `{"or":[{"price":{"gte":10}},{"author.name":{"icontains":"ann"}}]}`; or `filter[price][gte]=10` for each test',
)

/** Beside these, `filter[column][operator]=value`, which the module reads itself. */
export const ListQueryString = Type.Object({ filter: filterText, ...paging }, { additionalProperties: true })

export const ListBody = Type.Object(
  {
    filter: Type.Optional(Type.Record(Type.String({ maxLength: 300 }), Type.Unknown(), { maxProperties: 100 })),
    ...paging,
  },
  { ...strict, title: 'TableQuery' },
)

export const ShapeQuery = Type.Object(shape, strict)

export const AggregateQueryString = Type.Object(
  {
    filter: filterText,
    search: paging.search,
    group_by: text(1000, 'Columns: `status,country`'),
    metrics: text(1000, '`count,sum:price,avg:price,min:x,max:x,count_distinct:y`; `count` when left out'),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  },
  { additionalProperties: true },
)

export const WriteQuery = Type.Object(
  { dry_run: Type.Optional(Type.Boolean({ description: 'Everything is checked, nothing is kept' })) },
  strict,
)

export const CreateQuery = Type.Object(
  {
    ...WriteQuery.properties,
    on_conflict: text(1000, 'Columns of the key, or of something unique: `isbn` or `year,number`. Makes it an upsert'),
    resolution: Type.Optional(
      Type.Union([Type.Literal('merge'), Type.Literal('ignore')], {
        default: 'merge',
        description: 'What becomes of a row that is there: it is changed, or stays as it is',
      }),
    ),
  },
  strict,
)

/** Beside these, `filter[column][operator]=value`, which the module reads itself. */
export const SetQueryString = Type.Object(
  { filter: filterText, search: paging.search, ...WriteQuery.properties },
  { additionalProperties: true },
)

export const Affected = Type.Object({ affected: Type.Integer() }, { title: 'Affected' })

export const TableParams = Type.Object({ table: Type.String({ maxLength: 128 }) })
export const RowParams = Type.Object({
  table: Type.String({ maxLength: 128 }),
  key: Type.String({ maxLength: 200, description: 'The primary key; the parts of a composite one between commas' }),
})

/** Its columns are the table's. */
export const DataRow = Type.Record(Type.String(), Type.Unknown(), { title: 'DataRow' })

export const DataPage = Type.Object(
  {
    data: Type.Array(DataRow),
    page: Type.Object({
      limit: Type.Integer(),
      next_cursor: Type.Optional(nullable(Type.String())),
      prev_cursor: Type.Optional(nullable(Type.String())),
      has_more: Type.Optional(Type.Boolean()),
      number: Type.Optional(Type.Integer()),
      total: Type.Optional(Type.Integer()),
      pages: Type.Optional(Type.Integer()),
    }),
  },
  { title: 'DataPage' },
)

/** A row, or a list of at most 1,000. */
export const NewRows = Type.Unsafe<unknown>({
  description: 'A row, or a list of at most 1,000',
  type: ['object', 'array'],
})
export const RowBody = Type.Unsafe<unknown>({ description: 'Columns with their values', type: 'object' })
