import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fillNotes, notesApp, rules } from '../../../test/notes-tables.ts'
import { expose, rowsInTables, runInTables } from '../../../test/sample-tables.ts'
import type { Answer, TestApp, Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
let ben: Visitor
beforeAll(async () => {
  ;({ app, root, ann, ben } = await notesApp())
})
afterAll(() => app.drop())
beforeEach(() => fillNotes({ app, root, ann, ben }))

const ids = ({ json, body }: Answer) => json.data?.map(({ id }: { id: number }) => id) ?? body
const outcome = ({ status, json }: Answer) => [status, json?.code]

describe('AZ2: rows that are not open do not exist', () => {
  it('AZ2: in lists, totals, groups, search, relations and by key', async () => {
    expect(ids(await ann.get('/data/notes'))).toEqual([1, 2])
    expect(ids(await ben.get('/data/notes'))).toEqual([1, 3])
    expect((await ann.get('/data/notes?count=exact')).json.page.total).toBe(2)
    expect((await ann.get('/data/notes/aggregate')).json.data).toEqual([{ count: 2 }])
    expect(ids(await ann.get('/data/notes?search=ben'))).toEqual([])
    const hidden = await ann.get('/data/notes/3')
    const none = await ann.get('/data/notes/4')
    const stripped = ({ json }: Answer) => ({ ...json, request_id: '', instance: '' })
    expect([hidden.status, stripped(hidden)]).toEqual([404, stripped(none)])
    expect(outcome(await ann.patch('/data/notes/3', { title: 'x' }))).toEqual([404, 'not_found'])
    const { json } = await ann.get('/data/writers?expand=notes(sort:id)')
    expect(json.data.map(({ notes }: { notes: { id: number }[] }) => notes.map(({ id }) => id))).toEqual([[1], [2]])
    expect(ids(await ann.get('/data/writers?filter[notes.title]=of%20ben'))).toEqual([])
    expect(ids(await ben.get('/data/writers?filter[notes.title]=of%20ben'))).toEqual([2])
  })

  it('M33: actions without a rule are refused; tables without one are not found', async () => {
    expect(outcome(await ann.delete('/data/notes/2'))).toEqual([403, 'forbidden'])
    expect(outcome(await ann.get('/data/vault'))).toEqual([404, 'not_found'])
    expect(outcome(await ann.post('/data/writers', { id: 9, name: 'x' }))).toEqual([403, 'forbidden'])
    const guest = await app.holderOf(['guest'])
    expect(ids(await guest.get('/data/notes'))).toEqual([1])
    for (const answer of [
      await guest.get('/data/notes/1'),
      await guest.post('/data/notes', { id: 9, title: 'x' }),
      await guest.patch('/data/notes/1', { title: 'x' }),
      await guest.put('/data/notes/1', { title: 'x' }),
      await guest.delete('/data/notes/1'),
    ]) {
      expect(outcome(answer)).toEqual([403, 'forbidden'])
    }
    expect(
      (await ann.get('/data')).json.data.map(({ name, actions }: { name: string; actions: string[] }) => [
        name,
        actions,
      ]),
    ).toEqual([
      ['notes', ['list', 'get', 'create', 'update']],
      ['writers', ['list', 'get']],
    ])
    const { json } = await ann.get('/data/notes/schema')
    expect(json.columns.map(({ name }: { name: string }) => name)).toEqual([
      'id',
      'title',
      'body',
      'owner_id',
      'published',
      'writer_id',
    ])
    expect(json.relations.map(({ name }: { name: string }) => name)).toEqual(['writer'])
    expect(JSON.stringify(json)).not.toMatch(/secret|score|vault/)
    expect(outcome(await app.visitor().get('/data/notes'))).toEqual([401, 'authentication_required'])
  })
})

describe('AZ4: hidden columns influence nothing', () => {
  it('AZ4 M31: they are refused like columns that do not exist, word for word', async () => {
    const uses = (column: string) => [
      `filter[${column}]=s1`,
      `filter[${column}][null]=true`,
      `filter[${column}][like]=s%25`,
      `filter=${encodeURIComponent(JSON.stringify({ not: { [column]: 's1' } }))}`,
      `sort=${column}`,
      `sort=-${column}`,
      `fields=${column}`,
      `fields=writer.${column}`,
      `filter[writer.${column}][gt]=1`,
      `expand=${column}`,
      `expand=writer(sort:${column})`,
    ]
    const aggregates = (column: string) => [
      `group_by=${column}`,
      `metrics=max:${column}`,
      `metrics=count_distinct:${column}`,
      `filter[${column}]=1`,
    ]
    const told = async (path: string, query: string) => {
      const { status, json } = await ann.get(`${path}?${query}`)
      return { status, code: json.code, detail: json.detail }
    }
    for (const hidden of ['secret', 'score', 'salary', 'password_hash', 'vault', 'created_at']) {
      const [asked, never] = [uses(hidden), uses('no_such')]
      for (const [index, query] of asked.entries()) {
        const answer = await told('/data/notes', query)
        expect([query, answer.status]).toEqual([query, 400])
        expect([query, answer]).toEqual([query, await told('/data/notes', never[index] ?? '')])
        expect(answer.detail).not.toContain(hidden)
      }
      for (const [index, query] of aggregates(hidden).entries()) {
        expect(await told('/data/notes/aggregate', query)).toEqual(
          await told('/data/notes/aggregate', aggregates('no_such')[index] ?? ''),
        )
      }
    }
  })

  it('AZ4: answers, totals, orders, ETags, cursors and conflicts are the same whatever they hold', async () => {
    const look = async () => {
      const answers = [
        await ann.get('/data/notes?count=exact&sort=-title&expand=writer&limit=1'),
        await ann.get('/data/notes?search=s1'),
        await ann.get('/data/notes/aggregate?group_by=title&metrics=count'),
        await ann.get('/data/notes/2'),
        await ann.get('/data/writers?sort=name'),
        await ann.get('/data/writers/1'),
      ]
      return answers.map(({ body, headers }) => [body, headers.etag])
    }
    const before = await look()
    await runInTables(app, [
      `update notes set secret = 'of ann', score = score * 7`,
      `update writers set salary = 1, password_hash = 's1'`,
      'delete from vault',
    ])
    expect(await look()).toEqual(before)
    const etag = String((await ann.get('/data/notes/2')).headers.etag)
    await runInTables(app, [`update notes set secret = 'other'`])
    expect((await ann.patch('/data/notes/2', { title: 'mine' }, { 'if-match': etag })).status).toBe(200)
    await runInTables(app, [`update notes set secret = 'third', title = 'theirs' where id = 2`])
    const refused = await ann.patch('/data/notes/2', { title: 'again', body: 'b' }, { 'if-match': etag })
    expect([refused.status, refused.json.conflicts]).toEqual([
      412,
      [{ field: 'title', yours: 'again', theirs: 'theirs' }],
    ])
    expect(refused.body).not.toMatch(/third|secret/)
  })

  it('AZ4: with several roles each rule shows its columns in its rows only', async () => {
    const both = await app.holderOf(['user', 'moderator'])
    const { json } = await both.get('/data/notes?fields=id,title,secret')
    expect(json.data).toEqual([
      { id: 1, title: 'public', secret: 's3' },
      { id: 2, title: null, secret: 's1' },
      { id: 3, title: null, secret: 's2' },
    ])
    expect(ids(await both.get('/data/notes?filter[title][contains]=of'))).toEqual([])
    expect(ids(await both.get('/data/notes?filter[title][null]=true'))).toEqual([2, 3])
    expect(ids(await both.get('/data/notes?sort=-title'))).toEqual([1, 2, 3])
    expect((await both.get('/data/notes/aggregate?metrics=count_distinct:title')).json.data).toEqual([
      { count_distinct_title: 1 },
    ])
  })
})

it('AZ4: a conflict does not tell whether a value that is hidden in this row was guessed', async () => {
  await expose(root, 'notes', {
    ...rules,
    rules: {
      user: { actions: ['get', 'update'], rows: { owner_id: '$me' }, fields: { read: ['id', 'title'] } },
      moderator: { actions: ['get', 'update'], fields: { read: ['id'] } },
    },
  })
  const both = await app.holderOf(['user', 'moderator'])
  const [row] = await rowsInTables<{ title: string }>(app, 'select title from notes where id = 2')
  const guess = async (title: string) => {
    const { status, json } = await both.patch('/data/notes/2', { title }, { 'if-match': '"old"' })
    return [status, json.conflicts?.map(({ field, theirs }: { field: string; theirs: unknown }) => [field, theirs])]
  }
  expect((await both.get('/data/notes/2')).json).toEqual({ id: 2, title: null })
  expect(await guess('anything')).toEqual([412, [['title', null]]])
  expect(await guess(row?.title ?? '')).toEqual([412, [['title', null]]])
  await expose(root, 'notes', rules)
})

it('AZ3: the column of the owner is not written where a rule lets every column be', async () => {
  await expose(root, 'notes', { ...rules, rules: { user: { actions: ['list', 'get', 'create', 'update'] } } })
  const theirs = { id: 30, title: 'x', owner_id: ben.userId }
  expect(outcome(await ann.post('/data/notes', theirs))).toEqual([422, 'unknown_field'])
  expect(outcome(await ann.patch('/data/notes/2', { owner_id: ben.userId }))).toEqual([422, 'unknown_field'])
  await expose(root, 'notes', rules)
})

describe('AZ3: hidden, owned and preset columns are not written', () => {
  it('AZ3 M30: whatever way they are sent', async () => {
    for (const column of [
      'owner_id',
      'secret',
      'score',
      'created_at',
      'writer_id',
      'no_such',
      '__proto__x',
      'constructor',
    ]) {
      for (const answer of [
        await ann.post('/data/notes', { id: 10, title: 'x', [column]: null }),
        await ann.post('/data/notes', [
          { id: 10, title: 'x' },
          { id: 11, title: 'x', [column]: 1 },
        ]),
        await ann.patch('/data/notes/2', { [column]: 'x' }),
        await ann.patch('/data/notes/2', { [column]: { $inc: 1 } }),
        await ann.put('/data/notes/2', { title: 'x', [column]: 'x' }),
      ]) {
        expect([column, ...outcome(answer)]).toEqual([column, 422, 'unknown_field'])
      }
    }
    const [row] = await rowsInTables<{ n: number }>(
      app,
      `select count(*) as n from notes where secret = 's1' and score = 30 and owner_id = '${ann.userId}'`,
    )
    expect(Number(row?.n)).toBe(1)
    expect(Number((await rowsInTables<{ n: number }>(app, 'select count(*) as n from notes'))[0]?.n)).toBe(3)
  })

  it('AZ3: a new row belongs to who makes it, with its presets; a replacement leaves hidden columns alone', async () => {
    const made = await ann.post('/data/notes', { id: 10, title: 'mine' })
    expect([made.status, made.json]).toEqual([
      201,
      { id: 10, title: 'mine', body: null, owner_id: ann.userId, published: false, writer_id: null },
    ])
    await runInTables(app, [`update notes set secret = 'kept', score = 5 where id = 10`])
    expect((await ann.put('/data/notes/10', { title: 'new' })).status).toBe(200)
    const [row] = await rowsInTables<Record<string, unknown>>(
      app,
      'select secret, score, owner_id, created_at from notes where id = 10',
    )
    expect(row).toMatchObject({
      secret: 'kept',
      score: 5,
      owner_id: ann.userId,
      created_at: expect.stringMatching(/^20.*Z$/),
    })
  })

  it('AZ3: nothing is made or left that the rule does not open', async () => {
    await expose(root, 'notes', {
      ...rules,
      rules: { user: { ...rules.rules.user, rows: { owner_id: '$me', published: false } } },
    })
    expect(outcome(await ann.post('/data/notes', { id: 11, title: 'x', published: true }))).toEqual([403, 'forbidden'])
    expect(outcome(await ann.patch('/data/notes/2', { published: true }))).toEqual([403, 'forbidden'])
    expect(
      outcome(
        await ann.post('/data/notes', [
          { id: 11, title: 'x' },
          { id: 12, title: 'x', published: true },
        ]),
      ),
    ).toEqual([403, 'forbidden'])
    expect(ids(await root.get('/data/notes'))).toEqual([1, 2, 3])
    expect((await ann.post('/data/notes', { id: 11, title: 'x' })).status).toBe(201)
    await expose(root, 'notes', rules)
  })
})
