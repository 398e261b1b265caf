import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { marksIn, searchGroups, searchTerms } from './search-terms.ts'

let app: TestApp
let ann: Visitor
let bob: Visitor
let eve: Visitor
let [withBob, withEve] = ['', '']
let counter = 0
const send = async (who: Visitor, room: string, text: string) =>
  (await who.post(`/conversations/${room}/messages`, { text, client_id: `s${++counter}` })).json

beforeAll(async () => {
  app = await createTestApp()
  ;[ann, bob, eve] = [await app.person('ann'), await app.person('bob'), await app.person('eve')]
  ;[withBob, withEve] = [await app.conversation(ann, bob), await app.conversation(ann, eve)]
  for (const text of [
    'The café by the harbour',
    'Tomorrow at 9, the Harbour master',
    'Is it ok? I am',
    'Über 東京都 nach',
  ]) {
    app.advance(60)
    await send(ann, withBob, text)
  }
  await send(bob, withBob, 'harbour\'; drop table messages; -- & | ! ( ) * " ~ @')
  await send(eve, withEve, 'a harbour of Eve’s own')
})
afterAll(() => app.drop())

const hits = async (who: Visitor, q: string, more = '') =>
  (await who.get(`/search/messages?q=${encodeURIComponent(q)}${more}`)).json.data.map(
    (hit: { message: { text: string } }) => hit.message.text.slice(0, 12),
  )

describe('a search', () => {
  it.each([
    ['harbour', ["harbour'; dr", 'Tomorrow at ', 'The café by ']],
    ['HARB', []],
    ['HARB*', ["harbour'; dr", 'Tomorrow at ', 'The café by ']],
    ['h*', ["harbour'; dr", 'Tomorrow at ', 'The café by ']],
    ['harbour*', ["harbour'; dr", 'Tomorrow at ', 'The café by ']],
    ['harbours*', []],
    ['arb*', []],
    ['CAF* harb*', ['The café by ']],
    ['i*', ['Is it ok? I ']],
    ['東*', ['Über 東京都 nac']],
    ['the harbour', ['Tomorrow at ', 'The café by ']],
    ['cafe', ['The café by ']],
    ['CAFÉ harbour', ['The café by ']],
    ['arbour', []],
    ['is', ['Is it ok? I ']],
    ['i', ['Is it ok? I ']],
    ['9', ['Tomorrow at ']],
    ['uber', ['Über 東京都 nac']],
    ['京都', ['Über 東京都 nac']],
    ['東都', []],
    ['drop table', ["harbour'; dr"]],
    ['" OR 1=1', []],
    ['***', []],
  ])('finds %s', async (q, expected) => {
    expect(await hits(bob, q)).toEqual(expected)
  })

  it('AZ2: finds nothing of a conversation that is not one’s own, however it is asked for', async () => {
    expect(await hits(bob, 'Eve')).toEqual([])
    expect(await hits(bob, 'harbour', `&conversation_id=${withEve}`)).toEqual([])
    expect(await hits(bob, 'harbour', '&from=@eve')).toEqual([])
    expect(await hits(bob, `qc${withEve.replaceAll('-', '')}`)).toEqual([])
    expect(await hits(ann, 'harbour', '&from=@eve')).toEqual(['a harbour of'])
    expect(await hits(ann, 'harbour', `&conversation_id=${withEve}`)).toEqual(['a harbour of'])
  })

  it('comes in pages, and between two times', async () => {
    const first = (await ann.get('/search/messages?q=harbour&limit=3')).json
    expect([first.data.length, first.page.has_more]).toEqual([3, true])
    const second = (await ann.get(`/search/messages?q=harbour&limit=3&cursor=${first.page.next_cursor}`)).json
    expect(second.data.map((hit: { message: { text: string } }) => hit.message.text)).toEqual([
      'The café by the harbour',
    ])
    const edge = encodeURIComponent(first.data[2].message.created_at)
    expect(await hits(bob, 'harbour', `&before=${edge}`)).toEqual(['The café by '])
    expect((await hits(bob, 'harbour', `&after=${edge}`)).length).toBe(2)
    expect((await bob.get('/search/messages?q=')).status).toBe(422)
    expect((await bob.get('/search/messages?q=x&cursor=zz')).json.code).toBe('bad_cursor')
  })

  it('follows an edit', async () => {
    const message = await send(ann, withBob, 'platypus')
    await ann.patch(`/messages/${message.id}`, { text: 'echidna' })
    expect(await hits(bob, 'platypus')).toEqual([])
    expect(await hits(bob, 'echidna')).toEqual(['echidna'])
  })

  it('marks what it found', async () => {
    const [hit] = (await bob.get('/search/messages?q=cafe%20harb*')).json.data
    const words = hit.marks.map(({ start, end }: { start: number; end: number }) => hit.message.text.slice(start, end))
    expect(words).toEqual(['café', 'harb'])
  })
})

it.each([
  ['Cafe\u0301 cafés', 'cafe*', ['Cafe\u0301', 'café']],
  ['Die Straße, die strasse', 'stras*', ['stras']],
  ['東京都の東京', '東京', ['東京', '東京']],
  ['nothing here', 'else', []],
])('marks in %s', (text, q, expected) => {
  expect(marksIn(text, q).map(({ start, end }) => text.slice(start, end))).toEqual(expected)
})

const room = '019a0000-0000-7000-8000-000000000001'
const message = (text: string) => ({ conversation_id: room, sender_id: room, text })
const wanted = (text: string, beginnings = true) => searchGroups({ text, beginnings })[0]

it('P8: a beginning is a term of its own, so that no engine gathers the words that begin so', () => {
  expect(wanted('harb*')).toEqual([
    { term: 'qbharb', isPrefix: false },
    { term: 'qwharb', isPrefix: false },
  ])
  expect(searchTerms(message('An arbour')).split(' ').slice(2)).toEqual(
    'qwan qwarbour qba qbar qbarb qbarbo qbarbou'.split(' '),
  )
  // Of the longest words only: so few share so much that there is nothing to gather.
  const [long] = wanted('donaudampfschifffahrt*') ?? []
  expect(long).toEqual({ term: 'qwdonaudampfschifffahrt', isPrefix: true })
  const beginnings = searchTerms(message('𐍈'.repeat(30)))
    .split(' ')
    .filter((term) => term.startsWith('qb'))
  expect(beginnings.map((term) => [...term].length - 2)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
})
