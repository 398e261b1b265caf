import { describe, expect, it } from 'vitest'
import { textParts } from './web-addresses.ts'

const links = (text: string) => textParts(text).flatMap(({ href }) => href ?? [])

describe('textParts', () => {
  it('leaves plain words alone', () => {
    expect(textParts('Hello <b>you</b>')).toEqual([{ text: 'Hello <b>you</b>' }])
  })

  it('finds web addresses and keeps every character of the text', () => {
    const text = 'See https://example.org/a?b=1#c, and http://localhost:8000/x.'
    expect(links(text)).toEqual(['https://example.org/a?b=1#c', 'http://localhost:8000/x'])
    expect(
      textParts(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })

  it('takes a bracket along only where the address opened it', () => {
    expect(links('(https://en.wikipedia.org/wiki/Atrium_(architecture))')).toEqual([
      'https://en.wikipedia.org/wiki/Atrium_(architecture)',
    ])
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'ftp://example.org',
    'xhttps://',
    'https://',
  ])('makes no link of %s', (text) => {
    expect(links(text)).toEqual([])
  })
})
