import { Type } from 'typebox'
import { strict } from '../../../platform/http/schemas.ts'

export const batchMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export const Batch = Type.Object(
  {
    atomic: Type.Optional(Type.Literal(true, { description: 'All of it is kept, or nothing' })),
    requests: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', maxLength: 64, description: 'Later ones name it' }),
          method: Type.Union(batchMethods.map((method) => Type.Literal(method))),
          path: Type.String({ maxLength: 4000, description: 'Under `/data`; `$1.id` is a field of an earlier answer' }),
          body: Type.Optional(Type.Unknown({ description: 'A text `"$1.id"` is replaced; `"$$1.id"` is that text' })),
          headers: Type.Optional(
            Type.Record(Type.String({ maxLength: 20 }), Type.String({ maxLength: 300 }), {
              maxProperties: 5,
              description: '`If-Match` and `Prefer`',
            }),
          ),
        },
        strict,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  { ...strict, title: 'Batch' },
)

export const BatchAnswer = Type.Object(
  {
    responses: Type.Array(
      Type.Object({
        id: Type.String(),
        status: Type.Integer(),
        headers: Type.Record(Type.String(), Type.String()),
        body: Type.Unknown(),
      }),
    ),
  },
  { title: 'BatchAnswer' },
)
