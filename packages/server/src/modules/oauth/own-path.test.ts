import { describe, expect, it } from 'vitest'
import { ownPath, withParameter } from './own-path.ts'

describe('OA7 M28 where a sign-in may end', () => {
  it.each([
    ['/', '/'],
    ['/conversations', '/conversations'],
    ['/conversations?with=ann#last', '/conversations?with=ann#last'],
    ['/a/../b', '/b'],
    ['/search?q=a%2F%2Fb', '/search?q=a%2F%2Fb'],
    ['/a//b', '/a//b'],
    ['/?next=//evil.example', '/?next=//evil.example'],
    ['/@user', '/@user'],
    ['/a:b', '/a:b'],
    ['/héllo', '/h%C3%A9llo'],
  ])('takes %j', (text, path) => {
    expect(ownPath(text)).toBe(path)
  })

  it.each([
    '',
    'conversations',
    '?a=b',
    '#a',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\\/evil.example',
    '\t//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r/evil.example',
    ' //evil.example',
    '/ /evil.example',
    '/\u0000/evil.example',
    '/\u00a0/evil.example',
    '/\u2028/evil.example',
    '/\ufeff/evil.example',
    '/\u202e/evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https://evil.example',
    'HTTPS://evil.example',
    'http:evil.example',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    '/javascript:alert(1)\u0001',
    'data:text/html,x',
    'blob:https://evil.example/1',
    '%2f%2fevil.example',
    '%2F%2Fevil.example',
    '/%2fevil.example',
    '/%2F%2Fevil.example',
    '/%5cevil.example',
    '/%5C%5Cevil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e%2e//evil.example',
    '/%2e//evil.example',
    '/a/%2E%2e//evil.example',
    '/..%2f/evil.example/../..//evil.example',
    '//user@evil.example',
    '//[',
    '//',
    `/${'a'.repeat(4096)}`,
  ])('refuses %j', (text) => {
    expect(ownPath(text)).toBeUndefined()
  })

  it('takes nothing for what is not there', () => {
    expect(ownPath(undefined)).toBeUndefined()
  })

  it('leads a browser to our own origin, whatever was taken', () => {
    const pieces = [
      '/',
      '//',
      '\\',
      '..',
      '.',
      '%2f',
      '%5c',
      '%2e',
      '@',
      ':',
      'evil.example',
      'a',
      '?',
      '#',
      'https:',
      '\t',
    ]
    let taken = 0
    for (const a of pieces)
      for (const b of pieces)
        for (const c of pieces)
          for (const d of pieces) {
            const path = ownPath(`/${a}${b}${c}${d}`)
            if (path === undefined) continue
            taken++
            expect(new URL(path, 'https://own.example').origin).toBe('https://own.example')
            expect(path).toMatch(/^\/(?![/\\])/)
          }
    expect(taken).toBeGreaterThan(1000)
  })

  it('adds a parameter and keeps the rest', () => {
    expect(withParameter('/a?b=c#d', 'error', 'access_denied')).toBe('/a?b=c&error=access_denied#d')
    expect(withParameter('/a?error=x&error=y', 'error', 'z')).toBe('/a?error=z')
    expect(withParameter('https://app.example/in', 'code', 'x')).toBe('https://app.example/in?code=x')
  })
})
