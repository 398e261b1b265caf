import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { content, found, sampleSchemas } from '../../../../test/conformance/sample-schemas.ts'
import { appWithTables, expose } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'
import type { AdminTable } from '../tables.schema.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables(sampleSchemas)
  root = await app.holderOf(['admin'])
  for (const name of Object.keys(found))
    await expose(root, name, name === 'film_list' ? { key: ['film_id', 'category'] } : {})
})
afterAll(() => app.drop())

function written({ kind, key, columns, relations, uniques, checks }: AdminTable): string {
  const shown = columns.map(({ name, type, nullable, has_default: fallback, max_length: length, precision, scale }) => {
    const limits = length ?? (type === 'decimal' ? `${precision},${scale}` : undefined)
    return `${name} ${type}${limits === undefined ? '' : `(${limits})`}${nullable ? '?' : ''}${fallback ? '=' : ''}`
  })
  const related = relations
    .map((one) => `${one.name}${one.kind === 'one' ? '→' : '⇉'}${one.table}(${one.references.join('+')})`)
    .sort()
  // MariaDB writes down as a check that JSON is JSON.
  const own = checks.filter((check) => !check.startsWith('json_valid'))
  return [
    `${kind === 'view' ? 'view' : `${key.join('+')}!`} ${shown.join(', ')}`,
    related.join(', '),
    uniques.map((names) => `unique ${names.join('+')}`).join(', '),
    own.length > 0 ? `${own.length} checks` : '',
  ]
    .filter(Boolean)
    .join(' | ')
}

describe('T02: a shop of films and a shop of records are found without loss', () => {
  it.each(Object.entries(found))('T02: %s', async (name, expected) => {
    const { json } = await root.get(`/admin/data/tables/${name}`)
    const isView = json.kind === 'view'
    // Of a view, PostgreSQL and SQLite do not say what can be null.
    const table = isView
      ? { ...json, columns: json.columns.map((column: object) => ({ ...column, nullable: true, has_default: false })) }
      : json
    expect(written(table)).toBe(expected)
  })

  it('T02: every row goes in, and comes out as it was', async () => {
    for (const [table, rows] of content) {
      const made = await root.post(`/data/${table}`, rows)
      expect([table, made.status, made.json.data]).toEqual([table, 201, rows])
    }
    for (const [table, rows] of content)
      expect([table, (await root.get(`/data/${table}`)).json.data]).toEqual([table, rows])
    expect((await root.get('/data/film_list?sort=title,category')).json.data).toEqual([
      { film_id: 1, title: 'Before dawn', category: 'Crime' },
      { film_id: 1, title: 'Before dawn', category: 'Drama' },
      { film_id: 2, title: 'Before dawn (again)', category: 'Crime' },
    ])
  })

  it('T02: along its relations: many to many, to itself, by keys of three parts, through a view', async () => {
    const get = async (path: string) => (await root.get(path)).json.data
    expect(await get('/data/film?fields=title,film_category.category.name&filter[film_id]=1')).toEqual([
      {
        title: 'Before dawn',
        film_category: [
          { film_id: 1, category_id: 1, category: { name: 'Drama' } },
          { film_id: 1, category_id: 2, category: { name: 'Crime' } },
        ],
      },
    ])
    expect(await get('/data/film?fields=title&filter[film_category.category.name]=Drama')).toEqual([
      { title: 'Before dawn' },
    ])
    expect(await get('/data/film?fields=title&filter[original.title]=Before%20dawn')).toEqual([
      { title: 'Before dawn (again)' },
    ])
    expect(await get('/data/rental?fields=due,inventory.is_damaged,inventory.store.city.name')).toEqual([
      {
        due: '2026-04-01',
        inventory: {
          is_damaged: true,
          store: expect.objectContaining({ street: 'Landstraße 1', city: { name: 'Linz' } }),
        },
      },
    ])
    expect(await get('/data/employee?fields=last_name,employee.last_name&filter[reports_to][null]=true')).toEqual([
      { last_name: 'Ames', employee: [{ last_name: 'Bell' }] },
    ])
    expect(await get('/data/playlist?fields=name&expand=playlist_track(sort:place)')).toEqual([
      { name: 'Mine', playlist_track: [expect.objectContaining({ place: 1 }), expect.objectContaining({ place: 2 })] },
    ])
    expect((await root.get('/data/film_list/1,Drama')).json).toEqual({
      film_id: 1,
      title: 'Before dawn',
      category: 'Drama',
    })
  })

  it('T02: the database fills what it fills, and checks what it checks', async () => {
    const made = await root.post('/data/film', { film_id: 100, title: 'New', replacement_cost: 5 })
    expect([made.status, made.json]).toEqual([
      201,
      expect.objectContaining({
        rating: 'G',
        rental_rate: 4.99,
        updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      }),
    ])
    const store = await root.post('/data/store', { store_id: 100, city_id: 1, street: 'x' })
    expect(store.json.opened).toMatch(/^\d{4}-\d\d-\d\d$/)
    for (const row of [
      { film_id: 101, title: 'x', replacement_cost: 5, rating: 'X' },
      { film_id: 101, title: 'x', replacement_cost: 0 },
    ]) {
      const answer = await root.post('/data/film', row)
      expect([answer.status, answer.json.errors]).toEqual([422, [expect.objectContaining({ code: 'check_failed' })]])
    }
  })
})
