import { type Static, Type } from 'typebox'
import { defineTopic } from '../../platform/events/event-bus.ts'
import { nullable, strict, Time } from '../../platform/http/schemas.ts'

/** What is exposed, or how, has changed; told after commit. */
export const tablesChanged = defineTopic<{ catalogue: boolean }>('tables.changed', { shared: true })

export const tableActions = ['list', 'get', 'create', 'update', 'delete'] as const
export type TableAction = (typeof tableActions)[number]

const name = Type.String({ minLength: 1, maxLength: 128 })
const names = Type.Array(name, { maxItems: 500 })
const Action = Type.Union([
  Type.Literal('list'),
  Type.Literal('get'),
  Type.Literal('create'),
  Type.Literal('update'),
  Type.Literal('delete'),
])

/** A filter, a preset or a row: what is in it is checked against the table. */
const Loose = Type.Record(Type.String({ maxLength: 300 }), Type.Unknown(), { maxProperties: 500 })

export const TableRule = Type.Object(
  {
    actions: Type.Array(Action, { maxItems: 5, uniqueItems: true }),
    rows: Type.Optional({
      ...Loose,
      description: 'A filter: only rows that match it are seen, changed, or may be made. `$me` is the caller',
    }),
    fields: Type.Optional(
      Type.Object(
        {
          read: Type.Optional({ ...names, description: 'Columns that are seen; all when left out' }),
          write: Type.Optional({ ...names, description: 'Columns that may be written; all when left out' }),
        },
        strict,
      ),
    ),
    presets: Type.Optional({ ...Loose, description: 'Values a new row gets; they cannot be sent' }),
  },
  { ...strict, title: 'TableRule' },
)
export type TableRule = Static<typeof TableRule>

export const RuleTest = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 200 })),
    roles: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 20 }),
    user_id: Type.Optional(Type.String({ maxLength: 64 })),
    action: Action,
    key: Type.Optional({ ...Loose, description: 'The row it is tried on, by the columns of its key' }),
    row: Type.Optional({ ...Loose, description: 'What would be written' }),
    expect: Type.Optional(Type.Union([Type.Literal('allow'), Type.Literal('deny')])),
  },
  { ...strict, title: 'TableRuleTest' },
)
export type RuleTest = Static<typeof RuleTest>

export const TableSettings = Type.Object(
  {
    exposed: Type.Optional(Type.Boolean()),
    label: Type.Optional(Type.String({ maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    realtime: Type.Optional(Type.Boolean()),
    revisions: Type.Optional(Type.Boolean()),
    soft_delete: Type.Optional(
      Type.Boolean({ description: 'What is deleted is set aside for 30 days, and can be restored' }),
    ),
    owner_column: Type.Optional(nullable(Type.String({ maxLength: 128 }))),
    key: Type.Optional({ ...names, maxItems: 16, description: 'Of a view: the columns that tell its rows apart' }),
    operators: Type.Optional(
      Type.Array(Type.Union([Type.Literal('ilike'), Type.Literal('regex')]), {
        maxItems: 2,
        uniqueItems: true,
        description: 'Operators of filters that are off by default, because they cost the database more than others',
      }),
    ),
    rules: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_-]{1,63}$', maxLength: 64 }), TableRule, {
        maxProperties: 200,
        description: 'By role',
      }),
    ),
    tests: Type.Optional(
      Type.Array(RuleTest, {
        maxItems: 100,
        description: 'Run before the rules are kept; one that fails keeps them out',
      }),
    ),
  },
  { ...strict, title: 'TableSettings' },
)
export type TableSettings = Static<typeof TableSettings>

export const TableColumn = Type.Object(
  {
    name: Type.String(),
    type: Type.String({
      description: 'integer, decimal, number, boolean, text, uuid, date, time, datetime, json, binary or other',
    }),
    native_type: Type.Optional(Type.String({ description: 'As the database writes it; for administrators' })),
    nullable: Type.Boolean(),
    has_default: Type.Boolean(),
    default: Type.Optional(nullable(Type.String({ description: 'As the database writes it; for administrators' }))),
    generated: Type.Boolean(),
    writable: Type.Boolean(),
    max_length: Type.Optional(Type.Integer()),
    precision: Type.Optional(Type.Integer()),
    scale: Type.Optional(Type.Integer()),
    values: Type.Optional(Type.Array(Type.String())),
  },
  { title: 'TableColumn' },
)

export const TableRelation = Type.Object(
  {
    name: Type.String(),
    kind: Type.String({ description: 'one or many' }),
    table: Type.String(),
    columns: Type.Array(Type.String()),
    references: Type.Array(Type.String()),
  },
  { title: 'TableRelation' },
)

/** A table as one of its callers may see it. */
export const DataTable = Type.Object(
  {
    name: Type.String(),
    kind: Type.String({ description: 'table or view' }),
    label: nullable(Type.String()),
    description: nullable(Type.String()),
    actions: Type.Array(Type.String(), { description: 'What the caller may do with it' }),
    realtime: Type.Boolean(),
    revisions: Type.Boolean({ description: 'What its rows were like before is kept' }),
    soft_delete: Type.Boolean({ description: 'What is deleted is set aside for 30 days, and can be restored' }),
    operators: Type.Array(Type.String(), { description: 'Operators of filters that are off elsewhere: ilike, regex' }),
  },
  { title: 'DataTable' },
)
export type DataTable = Static<typeof DataTable>

export const DataTableSchema = Type.Object(
  {
    ...DataTable.properties,
    key: Type.Array(Type.String()),
    columns: Type.Array(TableColumn),
    relations: Type.Array(TableRelation),
    json_schema: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'DataTableSchema' },
)
export type DataTableSchema = Static<typeof DataTableSchema>

/** Values for which a column of another type has no place. */
export const UnfitRows = Type.Object(
  {
    count: Type.Integer(),
    keys: Type.Array(Type.String(), { description: 'Of the first few, as they stand in an address' }),
  },
  { title: 'UnfitRows' },
)
export type UnfitRows = Static<typeof UnfitRows>

/** A table as an administrator sees it. */
export const AdminTable = Type.Object(
  {
    name: Type.String(),
    kind: Type.String(),
    exposed: Type.Boolean(),
    writable: Type.Object({ insert: Type.Boolean(), update: Type.Boolean(), delete: Type.Boolean() }),
    key: Type.Array(Type.String()),
    columns: Type.Array(TableColumn),
    uniques: Type.Array(Type.Array(Type.String())),
    relations: Type.Array(TableRelation),
    checks: Type.Array(Type.String()),
    settings: TableSettings,
    version: Type.Integer({ description: '0 before anything was set' }),
    updated_at: nullable(Time),
    rows: Type.Optional(Type.Integer({ description: 'That came in with the file it was made from' })),
    unfit: Type.Optional({ ...UnfitRows, description: 'After a change of type, or before it in a dry run' }),
  },
  { title: 'AdminTable' },
)
export type AdminTable = Static<typeof AdminTable>

export const AdminTableSummary = Type.Object(
  {
    name: Type.String(),
    kind: Type.String(),
    exposed: Type.Boolean(),
    label: nullable(Type.String()),
    columns: Type.Integer(),
    key: Type.Array(Type.String()),
    roles: Type.Array(Type.String(), { description: 'Roles with a rule' }),
  },
  { title: 'AdminTableSummary' },
)
export type AdminTableSummary = Static<typeof AdminTableSummary>

const columnType = Type.Union([
  Type.Literal('integer'),
  Type.Literal('decimal'),
  Type.Literal('number'),
  Type.Literal('boolean'),
  Type.Literal('text'),
  Type.Literal('uuid'),
  Type.Literal('date'),
  Type.Literal('time'),
  Type.Literal('datetime'),
  Type.Literal('json'),
  Type.Literal('binary'),
])
const sizes = {
  length: Type.Optional(Type.Integer({ minimum: 1, maximum: 16_000 })),
  precision: Type.Optional(Type.Integer({ minimum: 1, maximum: 38 })),
  scale: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 })),
}

export const NewTableColumn = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,62}$', maxLength: 63 }),
    type: columnType,
    ...sizes,
    nullable: Type.Optional(Type.Boolean({ description: 'true when left out' })),
    default: Type.Optional(Type.Unknown()),
    unique: Type.Optional(Type.Boolean()),
    references: Type.Optional(
      Type.Object({ table: name, column: Type.Optional(name) }, { ...strict, description: 'A row of another table' }),
    ),
  },
  { ...strict, title: 'NewTableColumn' },
)
export type NewTableColumn = Static<typeof NewTableColumn>

export const ColumnPatch = Type.Object(
  {
    name: Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,62}$', maxLength: 63 })),
    nullable: Type.Optional(Type.Boolean()),
    default: Type.Optional({ ...Type.Unknown(), description: 'null: none' }),
    type: Type.Optional({ ...columnType, description: 'With its length, or precision and scale' }),
    ...sizes,
    unfit: Type.Optional(
      Type.Union([Type.Literal('refuse'), Type.Literal('null')], {
        description: 'What becomes of values that do not fit the type: nothing is changed at all, or they become null',
      }),
    ),
  },
  { ...strict, title: 'TableColumnPatch', minProperties: 1 },
)
export type ColumnPatch = Static<typeof ColumnPatch>

export const NewTable = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,62}$', maxLength: 63 }),
    columns: Type.Array(NewTableColumn, { minItems: 1, maxItems: 200 }),
    key: Type.Optional(
      Type.Array(name, { minItems: 1, maxItems: 16, description: 'Left out: a column id that counts by itself' }),
    ),
  },
  { ...strict, title: 'NewTable' },
)
export type NewTable = Static<typeof NewTable>

export const RuleTestRequest = Type.Object(
  {
    table: name,
    settings: Type.Optional({ ...TableSettings, description: 'A draft; left out: what is kept' }),
    tests: Type.Array(RuleTest, { minItems: 1, maxItems: 100 }),
  },
  { ...strict, title: 'TableRuleTestRequest' },
)
export type RuleTestRequest = Static<typeof RuleTestRequest>

export const RuleTestResult = Type.Object(
  {
    name: nullable(Type.String()),
    allowed: Type.Boolean(),
    code: nullable(Type.String()),
    rules: Type.Array(Type.String(), { description: 'Roles whose rule counted' }),
    read: Type.Array(Type.String()),
    write: Type.Array(Type.String()),
    passed: nullable(Type.Boolean({ description: 'null where nothing was expected' })),
  },
  { title: 'TableRuleTestResult' },
)
export type RuleTestResult = Static<typeof RuleTestResult>
