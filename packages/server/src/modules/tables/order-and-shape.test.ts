import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appWithTables, expose } from '../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../test/test-app.ts'
import { thingRows, things } from '../../../test/things-table.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([things])
  root = await app.holderOf(['admin'])
  await expose(root, 'things')
  const made = await root.post('/data/things', thingRows)
  if (made.status !== 201) throw new Error(made.body)
})
afterAll(() => app.drop())

const ids = (answer: { json: { data?: { id: number }[] }; body: string }) =>
  answer.json.data?.map(({ id }) => id) ?? answer.body
describe('T06: an order is the same on every engine, and pages follow it', () => {
  it.each([
    ['label', [4, 6, 2, 1, 7, 8, 3, 5]],
    ['-label', [3, 8, 7, 1, 2, 6, 4, 5]],
    ['amount,-id', [3, 5, 8, 7, 1, 2, 6, 4]],
    ['-size', [1, 8, 7, 6, 2, 5, 3, 4]],
    ['done,-day', [5, 2, 8, 7, 1, 4, 6, 3].map((id) => id)],
    ['-at,label', [5, 2, 1, 7, 3, 4, 6, 8]],
    ['weight', [2, 5, 1, 7, 6, 8, 3, 4]],
  ])('T06: sort=%s', async (sort, expected) => {
    const whole = ids(await root.get(`/data/things?sort=${sort}`))
    if (sort === 'done,-day') expect(whole).toEqual([5, 2, 7, 8, 1, 4, 6, 3])
    else expect(whole).toEqual(expected)
    const forwards: number[] = []
    const backwards: number[][] = []
    let cursor: string | null = null
    let last: string | null = null
    do {
      const { json } = await root.get(`/data/things?sort=${sort}&limit=3${cursor ? `&cursor=${cursor}` : ''}`)
      forwards.push(...json.data.map(({ id }: { id: number }) => id))
      cursor = json.page.next_cursor
      last = json.page.prev_cursor
    } while (cursor)
    expect(forwards).toEqual(whole)
    while (last) {
      const { json } = await root.get(`/data/things?sort=${sort}&limit=3&cursor=${last}`)
      backwards.unshift(json.data.map(({ id }: { id: number }) => id))
      last = json.page.prev_cursor
    }
    expect(backwards.flat()).toEqual((whole as number[]).slice(0, 6))
    const pages = [1, 2, 3, 4].map(async (page) =>
      ids(await root.get(`/data/things?sort=${sort}&limit=3&page=${page}`)),
    )
    expect((await Promise.all(pages)).flat()).toEqual(whole)
  })

  it('T06: totals and pages', async () => {
    expect((await root.get('/data/things?limit=3&page=2')).json.page).toEqual({
      number: 2,
      limit: 3,
      total: 8,
      pages: 3,
    })
    expect((await root.get('/data/things?limit=3&count=exact&filter[done]=true')).json.page).toMatchObject({
      total: 4,
      has_more: true,
    })
    expect((await root.get('/data/things?limit=3&count=estimated')).json.page.total).toBe(8)
  })
})

describe('T06: a list says where its neighbours are (RFC 8288)', () => {
  const linksOf = (answer: { headers: Record<string, unknown> }) =>
    Object.fromEntries(
      [...String(answer.headers.link ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(([, url, rel]) => [
        String(rel),
        String(url).replace('/api/v1', ''),
      ]),
    )

  it('T06: the whole list is read along next, and back along prev, whatever it is filtered by', async () => {
    const start = '/data/things?limit=2&sort=-label&filter[label][neq]=%22%3E%3Cx&fields=id'
    const pages: number[][] = []
    const back: number[][] = []
    let last = start
    for (let url: string | undefined = start; url !== undefined; ) {
      const answer = await root.get(url)
      pages.push(ids(answer) as number[])
      last = url
      url = linksOf(answer).next
    }
    expect(pages).toEqual([[3, 8], [7, 1], [2, 6], [4]])
    for (let url: string | undefined = linksOf(await root.get(last)).prev; url !== undefined; ) {
      const answer = await root.get(url)
      back.unshift(ids(answer) as number[])
      url = linksOf(answer).prev
    }
    expect(back).toEqual(pages.slice(0, -1))
    expect(linksOf(await root.get(start)).prev).toBeUndefined()
  })

  it('T06: by number too, and no further than there are pages', async () => {
    const at = async (page: number) => linksOf(await root.get(`/data/things?limit=3&page=${page}`))
    expect(await at(1)).toEqual({ next: '/data/things?limit=3&page=2' })
    expect(await at(2)).toEqual({ prev: '/data/things?limit=3&page=1', next: '/data/things?limit=3&page=3' })
    expect(await at(3)).toEqual({ prev: '/data/things?limit=3&page=2' })
    expect(await at(50)).toEqual({ prev: '/data/things?limit=3&page=3' })
    expect(linksOf(await root.get('/data/things?page=2&filter[id]=0'))).toEqual({})
    expect((await root.post('/data/things/query', { limit: 3 })).headers.link).toBeUndefined()
  })

  it('T06: a header no server could take is left out; other lists of the server have theirs', async () => {
    const { headers, json } = await root.get(
      `/data/things?limit=2&search=&sort=label&filter[label][neq]=${'x'.repeat(2000)}`,
    )
    expect([headers.link, json.page.has_more]).toEqual([undefined, true])
    await app.holderOf(['user'])
    const users = await root.get('/admin/users?limit=1')
    expect(linksOf(users)).toEqual({
      next: `/admin/users?limit=1&cursor=${encodeURIComponent(users.json.page.next_cursor)}`,
    })
  })
})

describe('T06: fields, relations and aggregates', () => {
  it('T06: relations both ways, bounded, in one answer', async () => {
    const { json } = await root.get(
      '/data/things?filter[id][in]=1,4&fields=id,parent_row.label&expand=things(limit:1,sort:-id),parent_row.parent_row',
    )
    expect(json.data).toEqual([
      { id: 1, parent_row: null, things: [expect.objectContaining({ id: 3, label: 'äpfel' })] },
      { id: 4, parent_row: { label: 'Apple', parent_row: expect.objectContaining({ id: 1 }) }, things: [] },
    ])
    const one = await root.get('/data/things/2?fields=label&expand=parent_row')
    expect(one.json).toEqual({
      label: 'Apple',
      parent_row: expect.objectContaining({ id: 1, size: expect.any(Number) }),
    })
    expect(one.body).toContain('9007199254740993')
  })

  it('T06: sums are exact, groups are by bytes, nulls are a group', async () => {
    const groups = await root.get(
      '/data/things/aggregate?group_by=done&metrics=count,sum:amount,sum:size,min:label,max:day,avg:weight,count_distinct:amount',
      { prefer: 'numbers=string' },
    )
    expect(groups.json.data).toEqual([
      expect.objectContaining({
        done: false,
        count: 2,
        sum_amount: '10.0000',
        sum_size: '2',
        min_label: 'Apple',
        avg_weight: -1.5,
        count_distinct_amount: 2,
      }),
      expect.objectContaining({
        done: true,
        count: 4,
        sum_amount: '4.5000',
        sum_size: '9007199254741008',
        min_label: '',
        max_day: '2026-06-01',
        count_distinct_amount: 1,
      }),
      expect.objectContaining({ done: null, count: 2, sum_amount: '99999999.9998', max_day: '2026-01-01' }),
    ])
    const labels = await root.get('/data/things/aggregate?group_by=label&metrics=count&filter[label][icontains]=apple')
    expect(labels.json.data).toEqual([
      { label: 'Apple', count: 1 },
      { label: 'apple', count: 1 },
      { label: 'apple ', count: 1 },
    ])
    const kept = await root.get('/data/things/aggregate?group_by=amount&metrics=count,sum:id&having[count][gte]=2')
    expect(kept.json.data).toEqual([{ amount: 1.5, count: 3, sum_id: 16 }])
    expect((await root.get('/data/things/aggregate')).json.data).toEqual([{ count: 8 }])
    expect((await root.get('/data/things/aggregate?metrics=sum:id,max:at&filter[id]=0')).json.data).toEqual([
      { sum_id: null, max_at: null },
    ])
  })
})
