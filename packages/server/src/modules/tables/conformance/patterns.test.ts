import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from '../../../../test/databases.ts'
import { appWithTables, byEngine, expose, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

const texts = [
  ...['', 'a', 'A', 'ab', 'aab', 'abc', 'ABC', 'abcabc', 'a.b', 'a+b', 'b', 'foo', 'foobar', 'barfoo', 'foo bar'],
  ...['1', '42', '2026-11-22', 'x1y2', 'line\nbreak', 'tab\there', '\\', '[x]', '(x)', '{2}', '^a$', 'a|b', "o'hare"],
  ...['ä', 'Äpfel', 'ß', 'é', 'e\u0301', 'Ж', '日本', '👍', 'a👍b', '👨‍👩‍👧', '\u{10ffff}', '\ud7ff', '\ue000', 'a\n'],
]

let app: TestApp
let root: Visitor
beforeAll(async () => {
  const text = byEngine({ sqlite: 'text', postgres: 'text', mariadb: 'longtext' })
  app = await appWithTables([
    `create table words (id integer not null primary key, word ${text})`,
    `create table plain (id integer not null primary key, word_id integer, note varchar(100),
      foreign key (word_id) references words (id))`,
  ])
  root = await app.holderOf(['admin'])
  await expose(root, 'words', { operators: ['ilike', 'regex'] })
  await expose(root, 'plain')
  const rows = [...texts.map((word, id) => ({ id, word })), { id: 1000, word: null }]
  expect((await root.post('/data/words', rows)).status).toBe(201)
})
afterAll(() => app.drop())

const asked = async (test: object, field = 'word') => {
  const answer = await root.post('/data/words/query', { filter: { [field]: test }, sort: 'id', limit: 100 })
  return answer.json.data?.map(({ word }: { word: string }) => word) ?? answer.json.detail
}
const where = (holds: (word: string) => boolean) => texts.filter(holds)

describe('W06: patterns mean the same on every engine', () => {
  it.each([
    ['a', where((word) => word.includes('a'))],
    ['^a', where((word) => word.startsWith('a'))],
    ['b$', where((word) => word.endsWith('b'))],
    ['^$', ['']],
    ['', texts],
    ['^.$', ['a', 'A', 'b', '1', '\\', 'ä', 'ß', 'é', 'Ж', '👍', '\u{10ffff}', '\ud7ff', '\ue000']],
    ['^.{2}$', ['ab', '42', 'e\u0301', '日本', 'a\n']],
    ['^[a-c]+$', ['a', 'ab', 'aab', 'abc', 'abcabc', 'b']],
    ['^[^a-z]+$', where((word) => /^[^a-z]+$/u.test(word))],
    ['^\\d{4}-\\d{2}-\\d{2}$', ['2026-11-22']],
    ['^\\w+$', where((word) => /^\w+$/.test(word))],
    ['\\W', where((word) => /\W/u.test(word))],
    ['\\s', ['foo bar', 'line\nbreak', 'tab\there', 'a\n']],
    ['^a?b$', ['ab', 'b']],
    ['^a*b$', ['ab', 'aab', 'b']],
    ['^a{2,}b', ['aab']],
    ['^foo|bar$', ['foo', 'foobar', 'foo bar']],
    ['^foo$|^42$|👍', ['foo', '42', '👍', 'a👍b']],
    ['a.*b', where((word) => /a.*b/su.test(word))],
    ['^a.b$', ['aab', 'a.b', 'a+b', 'a|b', 'a👍b']],
    ['^a\\.b$', ['a.b']],
    ['^a[.+|]b$', ['a.b', 'a+b', 'a|b']],
    ['\\\\', ['\\']],
    ['^\\[x\\]$', ['[x]']],
    ['[\\]]', ['[x]']],
    ['^[äöü]', ['ä']],
    ['[😀-🙏👍]', ['👍', 'a👍b']],
    ['[^\\x]'.replace('\\x', '\\d'), where((word) => /\D/u.test(word))],
    ['line.break', ['line\nbreak']],
    ["o'h", ["o'hare"]],
    ['^(?', undefined],
  ] as const)('T06: regex %j', async (pattern, expected) => {
    if (expected) expect(await asked({ regex: pattern })).toEqual(expected)
    else expect(await asked({ regex: pattern })).toMatch(/^regex takes/)
  })

  it('T06: a random pattern finds what a reader of patterns finds', async () => {
    const char = fc.constantFrom(
      'a',
      'b',
      'A',
      '1',
      'ä',
      '👍',
      '\\.',
      '\\\\',
      '\\d',
      '\\w',
      '.',
      '[a-c]',
      '[^a1]',
      'o',
      ' ',
      '-',
    )
    const item = fc
      .tuple(char, fc.constantFrom('', '', '', '?', '{2}', '{1,2}', '*', '+'))
      .map((parts) => parts.join(''))
    const one = fc
      .tuple(fc.constantFrom('', '^'), fc.array(item, { maxLength: 4 }), fc.constantFrom('', '$'))
      .map(([start, items, end]) => start + items.join('') + end)
    const pattern = fc.array(one, { minLength: 1, maxLength: 2 }).map((all) => all.join('|'))
    let taken = 0
    await fc.assert(
      fc.asyncProperty(pattern, async (written) => {
        const answer = await asked({ regex: written })
        if (typeof answer === 'string') {
          expect(answer).toMatch(/too many ways/)
          return
        }
        taken++
        const reader = new RegExp(written, 'su')
        expect(answer).toEqual(where((word) => reader.test(word)))
      }),
      { numRuns: 150 },
    )
    expect(taken).toBeGreaterThan(100)
  })

  it.each([
    ['ABC', ['abc', 'ABC']],
    ['%B%', where((word) => /b/i.test(word))],
    ['äp%', ['Äpfel']],
    ['_', ['a', 'A', 'b', '1', '\\', 'ä', 'ß', 'é', 'Ж', '👍', '\u{10ffff}', '\ud7ff', '\ue000']],
    ['ж', ['Ж']],
    ['\\\\', ['\\']],
  ])('T06: ilike %j', async (pattern, expected) => {
    expect(await asked({ ilike: pattern })).toEqual(expected)
  })

  it.each([
    ['FOO bar', ['foobar', 'barfoo', 'foo bar']],
    ['äpf', ['Äpfel']],
    ['', texts],
    ['  ', texts],
    ['foo nothing', []],
  ])('T06: search %j', async (words, expected) => {
    expect(await asked({ search: words })).toEqual(expected)
  })

  it('T06: every letter that has a capital is found by it, alone and in a word', async () => {
    const words = [
      'STRASSE',
      'Ünïcödé',
      'İSTANBUL',
      'ΟΔΟΣ',
      'ΟΔΥΣΣΕΥΣ',
      'ЖЁЛТЫЙ',
      'ՀԱՅ',
      'ႤႭ',
      'Ა',
      'ᎣᏏᏲ',
      'ẞ',
      'Ⱥ',
      '𐐀',
      'Ǆ',
      'K',
      'Å',
    ]
    expect(
      (
        await root.post(
          '/data/words',
          words.map((word, index) => ({ id: 5000 + index, word })),
        )
      ).status,
    ).toBe(201)
    for (const word of words) {
      const small = word.replace('İ', 'i').toLowerCase()
      for (const written of [word, small, [...word][0], [...word].at(-1), [...small].at(-1)]) {
        const filter = { id: { gte: 5000 }, word: { icontains: written } }
        const { json } = await root.post('/data/words/query', { filter, fields: 'word' })
        expect([written, json.data]).toEqual([written, expect.arrayContaining([{ word }])])
      }
    }
    for (const index of words.keys()) expect((await root.delete(`/data/words/${5000 + index}`)).status).toBe(204)
  })

  it('T06: some and none of the related rows', async () => {
    const notes = [1, 2].map((id) => ({ id, word_id: id, note: `note ${id}` }))
    expect((await root.post('/data/plain', notes)).status).toBe(201)
    expect(await asked({ some: { note: { starts: 'note' } } }, 'plain')).toEqual(['a', 'A'])
    expect(await asked({ some: { note: 'note 2', word_id: 2 } }, 'plain')).toEqual(['A'])
    expect(await asked({ none: { note: 'note 2' } }, 'plain')).toEqual(
      texts.filter((word) => word !== 'A').concat(null as never),
    )
    expect(await asked({ none: {} }, 'plain')).toEqual(
      texts.filter((word) => !['a', 'A'].includes(word)).concat(null as never),
    )
    expect(await asked({ some: { 'word.plain.word.plain.id': 1 } }, 'plain')).toMatch(/may follow 3 relations/)
    expect(await asked({ some: {} }, 'nothing')).toMatch(/does not exist/)
  })
})

describe('M58: no pattern keeps a database or this server busy', () => {
  it('M58: what engines understand differently, or could try in too many ways, is refused with words', async () => {
    for (const pattern of [
      '(a+)+$',
      '(a|a)*b',
      '(a)\\1',
      '(?=a)',
      '(?i)a',
      'a**',
      'a+?',
      'a++',
      '*',
      '[[:alpha:]]',
      '\\bword\\b',
      '\\p{L}',
      '\\x41',
      '[z-a]',
      '[]',
      'a{1000}',
      'a{2,1}',
      'a{',
      '***=x',
      'a^b',
      'a$b',
      '\\',
      '[',
      'x'.repeat(201),
      'a|b|c|d|e|f',
      'a{100}b{100}c{100}d{100}e{100}f{100}',
      'a.*b.*c.*d',
      '^.*a.*b.*c',
      '^[ab]*[bc]*[cd]*[da]*x',
    ]) {
      const answer = await root.post('/data/words/query', { filter: { word: { regex: pattern } } })
      expect([pattern, answer.status, answer.json.code]).toEqual([pattern, 400, 'bad_filter'])
    }
    const many = Array.from({ length: 5 }, () => ({ word: { regex: 'a' } }))
    expect((await root.post('/data/words/query', { filter: { or: many } })).json.detail).toMatch(/4 patterns/)
    expect(await asked({ ilike: '%a%b%c%d%e%' })).toMatch(/4 places/)
  })

  it('M58: a text of more than 1,000 characters matches no pattern, and one of 1,000 every one it should', async () => {
    const long = [
      { id: 2000, word: `${'👍'.repeat(999)}z` },
      { id: 2001, word: `${'👍'.repeat(1000)}z` },
      { id: 2002, word: 'y'.repeat(1000) },
    ]
    expect((await root.post('/data/words', long)).status).toBe(201)
    const ids = async (pattern: object) =>
      (await root.post('/data/words/query', { filter: { id: { gte: 2000 }, word: pattern } })).json.data.map(
        ({ id }: { id: number }) => id,
      )
    expect(await ids({ regex: 'z$' })).toEqual([2000])
    expect(await ids({ regex: 'y.*z' })).toEqual([])
    expect(await ids({ regex: '^y*y*$' })).toEqual([2002])
    expect(await ids({ regex: '' })).toEqual([2000, 2002])
    const unmatched = await root.post('/data/words/query', {
      filter: { id: { gte: 2000 }, not: { word: { regex: '' } } },
    })
    expect(unmatched.json.data.map(({ id }: { id: number }) => id)).toEqual([2001])
    for (const { id } of long) await root.delete(`/data/words/${id}`)
  })

  it('M58: where the server itself looks for them, the work of one question has an end', async () => {
    const long = byEngine({
      sqlite: 'hex(zeroblob(500))',
      postgres: "repeat('0', 1000)",
      mariadb: "repeat('0', 1000)",
    })
    await runInTables(app, [
      `insert into words with recursive n (id) as (select 10000 union all select id + 1 from n where id < 10399) select id, ${long} from n`,
    ])
    const ask = (regex: string) =>
      root.post('/data/words/query', { filter: { id: { gte: 10_000 }, word: { regex } }, count: 'exact', fields: 'id' })
    const cheap = await ask('^0+$')
    expect([cheap.status, cheap.json.page?.total]).toEqual([200, 400])
    const costly = await ask('0{100}1{100}')
    expect([costly.status, costly.json.code]).toEqual(
      testEngine === 'sqlite' ? [504, 'query_timeout'] : [200, undefined],
    )
    expect((await ask('^0+$')).status).toBe(200)
    await runInTables(app, ['delete from words where id >= 10000'])
  })

  it('M58: they are off until an administrator lets a table be asked so; rules may use them', async () => {
    for (const operator of ['ilike', 'regex']) {
      const answer = await root.get(`/data/plain?filter[note][${operator}]=a`)
      expect([answer.status, answer.json.detail]).toEqual([400, expect.stringMatching(/is off for this table/)])
      expect((await root.get(`/data/plain?filter[word.word][${operator}]=a`)).status).toBe(200)
    }
    const ann = await app.holderOf(['user'])
    const rule = { actions: ['list'], rows: { note: { regex: '1$' } } }
    await expose(root, 'plain', { rules: { user: rule } })
    expect((await ann.get('/data/plain?fields=id')).json.data).toEqual([{ id: 1 }])
    expect((await ann.get('/data/plain?filter[note][regex]=1')).status).toBe(400)
    const wrong = await root.put('/admin/data/tables/plain', {
      exposed: true,
      rules: { user: { actions: ['list'], rows: { note: { regex: '(a+)+' } } } },
    })
    expect([wrong.status, wrong.json.errors[0].pointer]).toEqual([422, '/rules/user/rows'])
  })
})
