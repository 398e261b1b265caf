import { describe, expect, it } from 'vitest'
import { type Block, type Inline, parseMessage, plainWords } from './markdown.ts'

/** What the elements would be, in a notation that is short to compare: `bold(words)`. */
function shape(inline: Inline): string {
  if (inline.kind === 'text') return inline.text
  if (inline.kind === 'code') return `code(${inline.text})`
  if (inline.kind === 'mention') return `mention(${inline.name})`
  const inner = inline.content.map(shape).join('')
  return inline.kind === 'link' ? `link(${inline.href} ${inner})` : `${inline.kind}(${inner})`
}

function blockShape(block: Block): string {
  if (block.kind === 'text') return block.content.map(shape).join('')
  if (block.kind === 'code') return `pre(${block.text})`
  if (block.kind === 'quote') return `quote(${block.content.map(blockShape).join(' / ')})`
  return `${block.start === null ? 'list' : `list from ${block.start}`}(${block.items
    .map((item) => item.map(shape).join(''))
    .join(' | ')})`
}

const read = (text: string) => parseMessage(text).map(blockShape).join(' / ')

describe('formatting', () => {
  it.each([
    ['a **b** c', 'a bold(b) c'],
    ['a *b* and _c_', 'a italic(b) and italic(c)'],
    ['~~no~~ yes', 'strike(no) yes'],
    ['***both***', 'bold(italic(both))'],
    ['**a *b* c**', 'bold(a italic(b) c)'],
    ['*a **b** c*', 'italic(a bold(b) c)'],
    ['*one **two* three**', 'italic(one **two) three**'],
    ['`**code**` and ``a ` b``', 'code(**code**) and code(a ` b)'],
    ['这是**粗体**文字', '这是bold(粗体)文字'],
    ['\\*as it is\\*', '*as it is*'],
    ['**see https://example.org/a_b_c**', 'bold(see link(https://example.org/a_b_c https://example.org/a_b_c))'],
    ['[the **plan**](https://example.org/x)', 'link(https://example.org/x the bold(plan))'],
    ['[write](mailto:anna@example.org)', 'link(mailto:anna@example.org write)'],
    ['[see https://example.org/p]', '[see link(https://example.org/p https://example.org/p)]'],
    ['Hello @Anna.B, @all!', 'Hello mention(anna.b), mention(all)!'],
    ['mail anna@example.org', 'mail anna@example.org'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    '2 * 3 * 4',
    'snake_case_name',
    'a * b',
    '****',
    '** **',
    '5*4*3',
    '~one~',
    'a ** b',
    '`open',
    '[a](b c)',
    '@',
    '](',
  ])('%s stays as it was written', (text) => {
    expect(read(text)).toBe(text)
  })

  it('knows code blocks, quotes and lists', () => {
    expect(read('Look:\n```ts\nconst a = **1**\n\nb\n```\nDone')).toBe('Look: / pre(const a = **1**\n\nb) / Done')
    expect(read('> one\n> *two*\nthree')).toBe('quote(one\nitalic(two)) / three')
    expect(read('- a\n- **b**\n\n3. c\n4. d')).toBe('list(a | bold(b)) / list from 3(c | d)')
    expect(read('```\nnever closed')).toBe('```\nnever closed')
    expect(read('one\n\ntwo')).toBe('one\n\ntwo')
  })

  it('says the words alone', () => {
    expect(plainWords('**Hello** `you`, [see](https://example.org)', 'markdown')).toBe('Hello you, see')
    expect(plainWords('**Hello**', 'plain')).toBe('**Hello**')
  })
})

describe('M41: what is written stays text', () => {
  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    '<b onmouseover="alert(1)">x</b>',
    '&lt;img&gt; &#60;',
    '[click](javascript:alert(1))',
    '[click](JaVaScRiPt:alert(1))',
    '[click](java\tscript:alert(1))',
    '[click](data:text/html,<script>alert(1)</script>)',
    '[click](vbscript:x)',
    '[click](file:///etc/passwd)',
    '[click](//example.org)',
    '[click](/account)',
    '[ ](https://example.org)',
    'javascript:alert(1)',
    '[https://bank.example](https://thief.example/)',
    '[bank.example](https://thief.example/)',
  ])('%s', (text) => {
    const inlines = parseMessage(text).flatMap((block) => (block.kind === 'text' ? block.content : []))
    const hrefs = inlines.flatMap((each) => (each.kind === 'link' ? each.href : []))
    expect(hrefs.filter((href) => !href.startsWith('https://'))).toEqual([])
    expect(hrefs.filter((href) => href.includes('thief')).length).toBeLessThanOrEqual(1)
    // A link of its own address is what it says; all characters are there.
    expect(
      inlines
        .map(shape)
        .join('')
        .replace(/link\(\S+ (\S+)\)/g, '$1'),
    ).toBe(text)
  })

  it('makes no link in a link', () => {
    expect(read('[a [b](https://b.example) c](https://c.example)')).toBe('link(https://c.example/ a b c)')
  })

  it('keeps the depth of elements bounded', () => {
    const depth = (each: Inline): number => ('content' in each ? 1 + Math.max(0, ...each.content.map(depth)) : 1)
    const nested = `${'*_'.repeat(500)}x${'_*'.repeat(500)}`
    const [block] = parseMessage(nested)
    expect(block?.kind === 'text' && Math.max(...block.content.map(depth))).toBeLessThan(12)
    expect(read(`${'>'.repeat(400)} x`).split('quote(').length).toBeLessThan(6)
  })

  // Steps are counted and not seconds: the parser may look at each character a bounded number of times.
  it.each([
    '*',
    '**',
    '* ',
    ' *',
    '*a',
    '_a',
    '`',
    '` ',
    '`` ` ',
    '[',
    '](',
    '[](',
    '[a](',
    '[a](b',
    '~~',
    '~~a',
    '@',
    '@a ',
    '>',
    '> ',
    '- ',
    '\\',
    'http://',
    'https://a)',
    '*a_b`',
    '***a',
    '**a *b ',
    '```\n',
    '1. a\n',
    '(((',
    'https://(',
    '[[a](x)',
  ])('stays linear on many of %j', (piece) => {
    const looks = (length: number) => {
      let count = 0
      const charAt = String.prototype.slice
      const spy = function (this: string, ...args: [number?, number?]) {
        count += 1
        return charAt.apply(this, args)
      }
      String.prototype.slice = spy
      try {
        parseMessage(piece.repeat(Math.ceil(length / piece.length)).slice(0, length))
      } finally {
        String.prototype.slice = charAt
      }
      return count
    }
    expect(looks(4_000)).toBeLessThan(4 * looks(2_000) * 0.75 + 200)
    const text = piece.repeat(Math.ceil(4_000 / piece.length)).slice(0, 4_000)
    const shown = parseMessage(text).map(blockShape).join('')
    expect(shown.length).toBeLessThan(40_000)
  })
})
