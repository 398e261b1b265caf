import { type Static, type TSchema, Type } from 'typebox'

/** Schemas that every module's answers are made of. A `title` names the schema in the OpenAPI document. */
export const Id = Type.String({
  pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
  maxLength: 36,
  description: 'UUIDv7',
})

export const Time = Type.String({ description: 'RFC 3339, UTC, milliseconds', examples: ['2026-11-21T09:30:00.000Z'] })

/** A value or null, written as JSON Schema's type list: serializers handle it without trying alternatives. */
export function nullable<T extends TSchema>(schema: T) {
  const { type } = schema as unknown as { type: string }
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'] })
}

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A page that explains cause and cure' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String({ description: 'Stable; what programs switch on' }),
    request_id: Type.String(),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), code: Type.String(), message: Type.String() })),
    ),
    retry_after: Type.Optional(Type.Integer()),
  },
  { title: 'Problem', additionalProperties: true, description: 'RFC 9457 problem details' },
)
export type Problem = Static<typeof Problem>

export const Page = Type.Object(
  {
    limit: Type.Integer(),
    next_cursor: nullable(Type.String()),
    prev_cursor: nullable(Type.String()),
    has_more: Type.Boolean(),
  },
  { title: 'Page' },
)
export type Page = Static<typeof Page>

export const pageOf = <T extends TSchema>(item: T, title: string) =>
  Type.Object({ data: Type.Array(item), page: Page }, { title })

/** A list that is always answered whole: nobody has more of it than fits on one page. */
export const wholeList = <T>(data: T[]): { data: T[]; page: Page } => ({
  data,
  page: { limit: data.length, next_cursor: null, prev_cursor: null, has_more: false },
})

/** Objects from outside take no field that is not declared: it is a typing error or an attack. */
export const strict = { additionalProperties: false } as const
