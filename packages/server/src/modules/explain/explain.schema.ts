import { type Static, Type } from 'typebox'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'

export const Question = Type.Object(
  {
    as_user: Type.String({ minLength: 1, maxLength: 64, description: 'The id of an account, or @username' }),
    method: Type.Union([
      Type.Literal('GET'),
      Type.Literal('POST'),
      Type.Literal('PUT'),
      Type.Literal('PATCH'),
      Type.Literal('DELETE'),
    ]),
    path: Type.String({ pattern: '^/', maxLength: 4000, description: 'With its parameters: /api/v1/data/notes/3' }),
    body: Type.Optional(Type.Unknown({ description: 'What would be sent' })),
    scopes: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 100,
        description: 'As an API key of this account with these scopes; left out: as a session of the person',
      }),
    ),
  },
  { ...strict, title: 'AccessQuestion' },
)
export type Question = Static<typeof Question>

export const Step = Type.Object(
  {
    kind: Type.Union([Type.Literal('role'), Type.Literal('scope'), Type.Literal('rule'), Type.Literal('field')]),
    rule: Type.String({ description: 'What was asked: a permission, a rule, a column' }),
    result: Type.Union([Type.Literal('allow'), Type.Literal('deny'), Type.Literal('unknown')]),
    values: Type.Record(Type.String(), Type.Unknown(), { description: 'What it was decided by' }),
  },
  { title: 'AccessStep' },
)
export type Step = Static<typeof Step>

export const Explanation = Type.Object(
  {
    allowed: Type.Boolean({ description: 'As far as it can be told: a step `unknown` names what cannot' }),
    code: nullable(Type.String({ description: 'Of the refusal; null where it is allowed' })),
    steps: Type.Array(Step, { description: 'In the order in which they were taken; several rules may each suffice' }),
  },
  { title: 'AccessExplanation' },
)
export type Explanation = Static<typeof Explanation>

export const PastDenial = Type.Object(
  {
    ...Explanation.properties,
    id: Id,
    at: Time,
    user_id: Id,
    method: nullable(Type.String()),
    path: nullable(Type.String({ description: 'The route or the command, without what was asked for' })),
  },
  { title: 'PastDenial' },
)
export type PastDenial = Static<typeof PastDenial>

export const DenialParams = Type.Object({ explain_id: Id })
