import { type Static, Type } from 'typebox'
import { defineTopic } from '../../platform/events/event-bus.ts'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

const oneOf = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      { description },
    ),
  )

const Source = oneOf(
  ['environment', 'stored', 'default'],
  'environment: of the operator, and stays as it is; stored: changed here; default: of this version',
)

/** Something that can be changed while the server runs. Values are text, as in the environment. */
export const RuntimeSetting = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    kind: oneOf(['integer', 'boolean', 'choice', 'text'], 'What it takes'),
    minimum: Type.Optional(Type.Integer()),
    maximum: Type.Optional(Type.Integer()),
    choices: Type.Optional(Type.Array(Type.String())),
    default: Type.String(),
    value: Type.String(),
    source: Source,
    editable: Type.Boolean({ description: 'False where the environment says it' }),
    changed_at: nullable(Time),
  },
  { title: 'RuntimeSetting' },
)
export type RuntimeSetting = Static<typeof RuntimeSetting>

export const SettingsPatch = Type.Object(
  {
    values: Type.Record(
      Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,63}$' }),
      Type.Union([Type.String({ maxLength: 8192 }), Type.Null()]),
      { maxProperties: 50, description: 'By name; null goes back to the default' },
    ),
  },
  { ...strict, title: 'SettingsPatch' },
)
export type SettingsPatch = Static<typeof SettingsPatch>

export const SettingChange = Type.Object(
  {
    id: Id,
    name: Type.String(),
    old_value: nullable(Type.String({ description: 'null: the default' })),
    new_value: nullable(Type.String()),
    changed_by: Type.Union([PublicUser, Type.Null()]),
    changed_at: Time,
  },
  { title: 'SettingChange' },
)
export type SettingChange = Static<typeof SettingChange>

export const SettingHistoryQuery = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type SettingHistoryQuery = Static<typeof SettingHistoryQuery>

export const EffectiveSetting = Type.Object(
  {
    name: Type.String(),
    value: Type.String({ description: 'Secrets are not shown' }),
    source: Source,
    description: nullable(Type.String()),
  },
  { title: 'EffectiveSetting' },
)
export type EffectiveSetting = Static<typeof EffectiveSetting>

/** Somebody changed a setting, somewhere. */
export const settingsChanged = defineTopic<Record<never, never>>('settings.changed', { shared: true })
