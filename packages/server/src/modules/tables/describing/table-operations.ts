import type { DescribedColumn, TableDescription } from './described.ts'

type Json = Record<string, unknown>
/** The document of the routes, as it is for everybody. */
export interface ApiDocument {
  paths: Record<string, Record<string, Json>>
  components: { schemas: Record<string, unknown> }
}

const general = '/api/v1/data/{table}'
const form: Partial<Record<DescribedColumn['column']['type'], Json>> = {
  integer: { type: 'integer' },
  decimal: { type: 'number' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  text: { type: 'string' },
  other: { type: 'string' },
  uuid: { type: 'string', format: 'uuid' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string' },
  datetime: { type: 'string', format: 'date-time' },
  binary: { type: 'string', contentEncoding: 'base64' },
}

function schemaOf({ column, isExact }: DescribedColumn): Json {
  const { type, nullable, maxLength, values } = column
  const { type: word, ...rest } = (form[type] ?? {}) as { type?: string }
  // Of JSON nothing is known, null included.
  if (word === undefined) return {}
  const words = [word, ...(isExact ? ['string'] : []), ...(nullable ? ['null'] : [])]
  return {
    type: words.length === 1 ? word : words,
    ...rest,
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(values ? { enum: [...values, ...(nullable ? [null] : [])] } : {}),
  }
}

/** `$inc` and the like, for numbers that the caller also sees. */
function changeOf(described: DescribedColumn): Json {
  const schema = schemaOf(described)
  if (!described.read || !['integer', 'decimal', 'number'].includes(described.column.type)) return schema
  const amount = { type: ['number', 'string'] }
  const properties = Object.fromEntries(['$inc', '$dec', '$mul', '$min', '$max'].map((name) => [name, amount]))
  return {
    anyOf: [schema, { type: 'object', properties, maxProperties: 1, minProperties: 1, additionalProperties: false }],
  }
}

/** The document with the tables of one caller in it. */
export function withTables(document: ApiDocument, tables: readonly TableDescription[]): ApiDocument {
  const names = namesOf(tables)
  const paths: ApiDocument['paths'] = {}
  const schemas: Record<string, unknown> = {}
  for (const table of tables) {
    const id = names.get(table.name) ?? ''
    Object.assign(schemas, schemasOf(table, id, names))
    Object.assign(paths, pathsOf(document, table, id))
  }
  return {
    ...document,
    paths: { ...document.paths, ...paths },
    components: { ...document.components, schemas: { ...document.components.schemas, ...schemas } },
  }
}

/** Names of components take few characters; tables may be called anything. */
function namesOf(tables: readonly TableDescription[]): Map<string, string> {
  const taken = new Map<string, string>()
  for (const { name } of tables) {
    const plain = name.replace(/[^A-Za-z0-9_-]/g, '_')
    let id = plain
    for (let count = 2; [...taken.values()].includes(id); count++) id = `${plain}_${count}`
    taken.set(name, id)
  }
  return taken
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })

function schemasOf(table: TableDescription, id: string, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const { columns, relations } = table
  const properties = (use: 'read' | 'create' | 'update', make: (column: DescribedColumn) => Json) =>
    Object.fromEntries(columns.filter((column) => column[use]).map((column) => [column.column.name, make(column)]))
  const related = relations.flatMap(({ name, kind, table: other }) => {
    const target = names.get(other)
    if (target === undefined) return []
    const row = ref(`Row.${target}`)
    return [[name, kind === 'one' ? { anyOf: [row, { type: 'null' }] } : { type: 'array', items: row }] as const]
  })
  const seen = properties('read', schemaOf)
  const strict = { type: 'object', additionalProperties: false }
  return {
    [`Row.${id}`]: {
      type: 'object',
      description: `A row of ${table.label ?? table.name}; related rows where \`expand\` asks for them`,
      properties: { ...seen, ...Object.fromEntries(related) },
      required: Object.keys(seen),
    },
    ...(table.actions.includes('create')
      ? {
          [`NewRow.${id}`]: {
            ...strict,
            properties: properties('create', schemaOf),
            required: columns.filter(({ required }) => required).map(({ column }) => column.name),
          },
        }
      : {}),
    ...(table.actions.includes('update')
      ? { [`RowChange.${id}`]: { ...strict, properties: properties('update', changeOf) } }
      : {}),
  }
}

interface Wanted {
  action: string
  path: string
  method: string
  request?: Json
  response?: Json
}

function pathsOf(document: ApiDocument, table: TableDescription, id: string): ApiDocument['paths'] {
  const row = ref(`Row.${id}`)
  const page = (document.components.schemas.DataPage ?? {}) as { properties?: Json }
  const list = {
    type: 'object',
    properties: { ...page.properties, data: { type: 'array', items: row } },
    required: ['data', 'page'],
  }
  const fresh = ref(`NewRow.${id}`)
  const many = { type: 'array', items: fresh, maxItems: 1000 }
  const wanted: Wanted[] = [
    { action: 'list', path: '', method: 'get', response: list },
    { action: 'list', path: '/query', method: 'post', response: list },
    { action: 'list', path: '/aggregate', method: 'get' },
    { action: 'create', path: '', method: 'post', request: { anyOf: [fresh, many] }, response: row },
  ]
  const ofRow: Wanted[] = [
    { action: 'get', path: '/{key}', method: 'get', response: row },
    { action: 'update', path: '/{key}', method: 'put', request: ref(`RowChange.${id}`), response: row },
    { action: 'update', path: '/{key}', method: 'patch', request: ref(`RowChange.${id}`), response: row },
    { action: 'delete', path: '/{key}', method: 'delete' },
  ]
  const open = [...wanted, ...(table.key.length > 0 ? ofRow : [])].filter(({ action }) =>
    table.actions.includes(action),
  )
  const paths: ApiDocument['paths'] = {}
  for (const operation of open) {
    const known = document.paths[general + operation.path]?.[operation.method]
    if (!known) continue
    const path = `/api/v1/data/${encodeURIComponent(table.name)}${operation.path}`
    paths[path] = { ...paths[path], [operation.method]: special(known, operation, table, id) }
  }
  return paths
}

/** A general operation, of this table. */
function special(known: Json, { request, response }: Wanted, table: TableDescription, id: string): Json {
  const parameters = ((known.parameters ?? []) as { name: string; in: string }[]).filter(
    ({ name, in: place }) => !(place === 'path' && name === 'table'),
  )
  const responses = known.responses as Record<string, Json>
  const json = (schema: Json) => ({ 'application/json': { schema } })
  const answered = Object.entries(responses).map(([status, answer]) => {
    const isRow = (status === '200' || status === '201') && response !== undefined
    return [status, isRow ? { ...answer, content: json(response) } : answer]
  })
  return {
    ...known,
    operationId: `${String(known.operationId)}_${id}`,
    tags: [`data: ${table.label ?? table.name}`],
    ...(table.description === null ? {} : { description: table.description }),
    parameters,
    ...(request ? { requestBody: { required: true, content: json(request) } } : {}),
    responses: Object.fromEntries(answered),
  }
}
