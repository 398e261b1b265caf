import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { appWithTables, expose, runInTables } from '../../../../test/sample-tables.ts'
import type { Answer, TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
beforeAll(async () => {
  app = await appWithTables([
    'create table writers (id integer not null primary key, name varchar(50), hidden_wage integer)',
    `create table papers (
      id integer not null primary key, title varchar(100) not null, body varchar(200), hidden_note varchar(200),
      hidden_rank integer, writer_id integer, foreign key (writer_id) references writers (id))`,
    `insert into writers (id, name) values (1, 'Wren'), (2, 'Ada')`,
    `insert into papers (id, title, body, writer_id) values
      (1, 'public a', 'x', 1), (2, 'public b', null, 2), (3, 'private', 'y', 1), (4, 'public c', 'x', null)`,
  ])
  const root = await app.holderOf(['admin'])
  const actions = ['list', 'get', 'create', 'update']
  await expose(root, 'papers', {
    operators: ['regex'],
    rules: {
      user: {
        actions,
        rows: { title: { starts: 'public' } },
        fields: { read: ['id', 'title', 'body', 'writer_id'], write: ['id', 'title', 'body'] },
      },
    },
  })
  await expose(root, 'writers', { rules: { user: { actions: ['list', 'get'], fields: { read: ['id', 'name'] } } } })
  ann = await app.person('ann')
})
afterAll(() => app.drop())

/** What may be asked for, and what may not: nothing of it may depend on a hidden value. */
const requests: (() => Promise<Answer>)[] = [
  () => ann.get('/data/papers?count=exact&sort=-title'),
  () => ann.get('/data/papers?limit=1&sort=body'),
  () => ann.get('/data/papers?page=2&limit=1'),
  () => ann.get('/data/papers?search=x'),
  () => ann.get('/data/papers?filter[title][regex]=[bc]$'),
  () => ann.get('/data/papers?expand=writer&fields=title'),
  () => ann.get('/data/writers?expand=papers(sort:-id)'),
  () => ann.get('/data/writers?filter[papers.title]=public%20a'),
  () => ann.get('/data/papers/1'),
  () => ann.get('/data/papers/3'),
  () => ann.get('/data/papers/aggregate?group_by=body&metrics=count,max:title,count_distinct:writer_id'),
  () => ann.get('/data/papers/export?format=csv'),
  () => ann.get('/data/papers/schema'),
  () => ann.patch('/data/papers/1?dry_run=true', { body: 'new' }),
  () => ann.patch('/data/papers/1', { body: 'new' }, { 'if-match': '"other"' }),
  () => ann.patch('/data/papers/3', { body: 'new' }),
  () => ann.post('/data/papers?dry_run=true', { id: 9, title: 'public d' }),
  () => ann.post('/data/papers', { id: 9, title: 'public d', hidden_note: 'x' }),
  ...['filter[hidden_note]=x', 'filter[hidden_note][regex]=^a', 'sort=hidden_rank', 'fields=hidden_note'].map(
    (query) => () => ann.get(`/data/papers?${query}`),
  ),
  () => ann.get('/data/papers?filter[writer.hidden_wage][gt]=1'),
  () => ann.get('/data/papers?expand=writer(sort:hidden_wage)'),
  () => ann.get('/data/writers?filter={"papers":{"some":{"hidden_note":"x"}}}'),
  () => ann.get('/data/papers/aggregate?group_by=hidden_note'),
  () => ann.get('/data/papers/aggregate?metrics=sum:hidden_rank'),
]

interface Seen {
  answer: unknown[]
  /** What the tables' database was asked, word by word: the amount of work is that of these. */
  statements: string[]
}

async function seen(ask: () => Promise<Answer>): Promise<Seen> {
  const statements: string[] = []
  const { meter } = app.database
  const record = meter.record.bind(meter)
  const spy = vi.spyOn(meter, 'record').mockImplementation((text, ...more) => {
    if (/papers|writers/.test(text)) statements.push(text)
    record(text, ...more)
  })
  const { status, headers, body } = await ask()
  spy.mockRestore()
  const { etag, link } = headers
  return {
    answer: [status, etag, link, headers['content-length'], body.replace(/"request_id":"[^"]*"/, '')],
    statements,
  }
}

async function all(): Promise<Seen[]> {
  const answers: Seen[] = []
  for (const ask of requests) answers.push(await seen(ask))
  return answers
}

it('AZ4 M31: hidden values change no byte of any answer, no ETag, and no statement that is made for it', async () => {
  // Once before: what is read first is read and kept.
  await all()
  const before = await all()
  expect(before.map(({ answer: [status] }) => status)).toContain(200)
  expect(before.flatMap(({ statements }) => statements).length).toBeGreaterThan(10)
  for (const [note, rank] of [
    [`'x'`, '1'],
    [`'public a'`, '2147483647'],
    [`''`, '-1'],
    [`concat('n', id)`, '10 - id'],
    [`'${'long '.repeat(40)}'`, '0'],
  ]) {
    await runInTables(app, [
      `update papers set hidden_note = ${note?.replace(/concat\('n', id\)/, `case id when 1 then 'n1' else 'm' end`)}, hidden_rank = ${rank}`,
      `update writers set hidden_wage = ${rank?.replace('10 - id', '7')}`,
    ])
    await ann.get('/data/papers')
    expect([note, await all()]).toEqual([note, before])
  }
})

it('AZ4: no statement made for who does not see them names them', async () => {
  const statements = (await all()).flatMap((one) => one.statements)
  expect(statements.filter((text) => text.includes('hidden_'))).toEqual([])
})

it('AZ4 M31: a column that is hidden and one that is not there are refused in the same words', async () => {
  for (const query of [
    'filter[?]=x',
    'sort=?',
    'fields=?',
    'filter[writer.?]=1',
    'filter[?][regex]=a',
    'filter[?][gt]=x',
  ]) {
    const [hidden, missing] = await Promise.all(
      ['hidden_note', 'nothing'].map((name) => ann.get(`/data/papers?${query.replace('?', name)}`)),
    )
    expect([query, hidden?.status, hidden?.json.detail]).toEqual([query, 400, missing?.json.detail])
  }
})
