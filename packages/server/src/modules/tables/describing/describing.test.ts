import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { notesApp } from '../../../../test/notes-tables.ts'
import { byEngine, expose, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'
import { tableTypes } from './table-types.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
beforeAll(async () => {
  ;({ app, root, ann } = await notesApp())
})
afterAll(() => app.drop())

type Document = {
  paths: Record<string, Record<string, { operationId: string }>>
  components: { schemas: Record<string, never> }
}
const read = async (who: Visitor, headers = {}): Promise<Document> => (await who.get('/openapi.json', headers)).json
const ofTables = ({ paths }: Document) =>
  Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/data/') && !path.startsWith('/api/v1/data/{table}'))
    .flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.slice('/api/v1/data/'.length)}`),
    )
const columnsOf = (document: Document, name: string) =>
  Object.keys((document.components.schemas[name] as unknown as { properties: object } | undefined)?.properties ?? {})

describe('AZ4: the document of the API shows each caller their tables', () => {
  it('AZ4: what they may do, and the columns they see and write', async () => {
    const document = await read(ann)
    expect(ofTables(document)).toEqual([
      'get notes',
      'post notes',
      'post notes/query',
      'get notes/aggregate',
      'get notes/{key}',
      'put notes/{key}',
      'patch notes/{key}',
      'get writers',
      'post writers/query',
      'get writers/aggregate',
      'get writers/{key}',
    ])
    expect(columnsOf(document, 'Row.notes')).toEqual([
      'id',
      'title',
      'body',
      'owner_id',
      'published',
      'writer_id',
      'writer',
    ])
    expect(columnsOf(document, 'NewRow.notes')).toEqual(['id', 'title', 'body', 'published'])
    expect(columnsOf(document, 'RowChange.notes')).toEqual(['title', 'body', 'published'])
    expect(document.components.schemas['NewRow.notes']).toMatchObject({
      required: byEngine({ sqlite: ['title'], postgres: ['id', 'title'], mariadb: ['id', 'title'] }),
      additionalProperties: false,
    })
    expect(columnsOf(document, 'Row.writers')).toEqual(['id', 'name', 'notes'])
    const written = Object.entries(document.components.schemas).filter(([name]) =>
      /^(Row|NewRow|RowChange)\./.test(name),
    )
    expect(JSON.stringify([ofTables(document), written])).not.toMatch(/vault|salary|password_hash|score|secret/)
  })

  it('AZ4: one caller’s document is never another’s, whatever came before', async () => {
    const guest = await app.holderOf(['guest'])
    const anonymous = app.visitor()
    for (let round = 0; round < 2; round++) {
      expect(ofTables(await read(root))).toContain('delete vault/{key}')
      expect(ofTables(await read(guest))).toEqual(['get notes', 'post notes/query', 'get notes/aggregate'])
      expect(ofTables(await read(ann))).not.toContain('get vault')
      expect(await read(anonymous)).toEqual(JSON.parse(JSON.stringify(app.http.swagger())))
    }
    const { headers } = await ann.get('/openapi.json')
    expect([headers['cache-control'], headers.vary]).toEqual([
      'private, no-store',
      expect.stringMatching(/cookie, authorization, x-api-key/i),
    ])
    const key = (await ann.post('/users/me/api-keys', { name: 'reads', scopes: ['data:read'] })).json.key
    expect(
      ofTables(await read(anonymous, { 'x-api-key': key })).filter((name) => /^(put|patch|post notes$)/.test(name)),
    ).toEqual([])
  })

  it('AZ4: names of every kind stay apart, and everything that is referred to is there', async () => {
    const quoted = (name: string) => byEngine({ sqlite: `"${name}"`, postgres: `"${name}"`, mariadb: `\`${name}\`` })
    for (const name of ['a b', 'a/b', 'Row']) {
      await runInTables(app, [
        `create table ${quoted(name)} (id integer not null primary key, ${quoted('x y')} integer)`,
      ])
      await expose(root, encodeURIComponent(name))
    }
    const document = await read(root)
    const text = JSON.stringify(document)
    const missing = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].filter(
      ([, name]) => !(String(name) in document.components.schemas),
    )
    expect(missing).toEqual([])
    expect(Object.keys(document.components.schemas).filter((name) => !/^[A-Za-z0-9._-]+$/.test(name))).toEqual([])
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Row.a_b', 'Row.a_b_2', 'Row.Row']),
    )
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    )
    expect(ids.length).toBe(new Set(ids).size)
    expect(ofTables(document)).toContain('get a%2Fb/{key}')
  })
})

it('AZ4: types for the client name what the caller has, and nothing else', async () => {
  const text = tableTypes(await app.services.tables.describing.of(await app.services.explaining.asUser('@ann')))
  expect(text).toContain('actions: "list" | "get" | "create" | "update"\n')
  expect(text).not.toMatch(/vault|salary|secret|score/)
})
