import { describe, expect, it } from 'vitest'
import { type MailToRender, nearestLanguage, renderMail } from './mail-rendering.ts'
import type { MailTemplate } from './mail-templates.ts'
import { german } from './mail-words.de.ts'
import { english } from './mail-words.en.ts'

const data = {
  name: 'Ann',
  link: 'https://chat.example.com/reset-password#token=abc-DEF_123',
  sign_in_link: 'https://chat.example.com/login',
  reset_link: 'https://chat.example.com/forgot-password',
  code: '40127753',
  new_email: 'new@example.com',
  username: 'ann.new',
  minutes: 30,
  left: 3,
  passkey: 'Blue key',
  provider: 'GitHub',
  key_name: 'Backup job',
  erase_at: '2026-12-24T17:30:00.000Z',
  until: '2026-12-24T17:30:00.000Z',
  roles: 'user, moderator',
  reason: 'Ticket 4711',
  count: 3,
  items: ['Bob mentioned you', '<b>Eva</b> replied\nto you'],
  settings_link: 'https://chat.example.com/account/notifications',
}
const render = (template: string, change: Partial<MailToRender> = {}) =>
  renderMail({
    template,
    locale: 'en',
    data,
    createdAt: '2026-11-21T09:05:00.000Z',
    expiresAt: '2026-11-22T09:05:00.000Z',
    site: 'chat.example.com',
    ...change,
  })

const templates = Object.keys(english.mails) as MailTemplate[]
const withCode: readonly string[] = ['verify_email', 'reset_password', 'confirm_email', 'sign_in', 'confirm_identity']

describe.each(['en', 'de'])('in %s', (locale) => {
  it.each(templates)('%s says everything in text and in HTML, links and codes on lines of their own', (template) => {
    const { subject, text, html, links, code } = render(template, { locale })
    const lines = text.split('\n')
    expect(subject).toMatch(/^\S.{5,60}\S$/)
    expect(`${subject}${text}${html}`).not.toMatch(/[{}]|undefined|\[object/)
    expect(lines[0]).toMatch(/Ann,$/)
    expect(html).toContain(`<html lang="${locale}">`)
    expect(html).not.toMatch(/<img|<link|<script|src=|url\(/)
    const spoken = JSON.stringify((locale === 'en' ? english : german).mails[template])
    for (const [, name = ''] of spoken.matchAll(/\{(\w+)\}/g)) {
      const value = String(
        { ...data, time: '09:05 UTC', expires: '09:05 UTC', erase_at: '17:30 UTC', until: '17:30 UTC' }[name],
      )
      expect(text).toContain(value)
      expect(html).toContain(value)
    }
    for (const address of links) {
      expect(lines).toContain(address)
      expect(html).toContain(`href="${address}"`)
    }
    expect([...html.matchAll(/https?:[^"<\s]*/g)].filter(([address]) => !links.includes(address))).toEqual([])
    expect(code).toBe(withCode.includes(template) ? data.code : undefined)
    if (code) expect(lines).toContain(code)
  })
})

it('both languages have the same parts in the same order', () => {
  const shape = (words: typeof english) =>
    templates.map((template) =>
      words.mails[template].body.map((part) =>
        typeof part !== 'string' ? Object.entries(part)[0] : [...part.matchAll(/\{\w+\}/g)].flat().sort(),
      ),
    )
  const withoutLabels = (words: typeof english) =>
    JSON.stringify(shape(words), (key, value) => (key === 'label' ? '' : value))
  expect(withoutLabels(german).replace(/"until","[^"]*"/g, '')).toBe(
    withoutLabels(english).replace(/"until","[^"]*"/g, ''),
  )
})

it('M41: a list has one line for each thing, whatever it says', () => {
  const { text, html } = render('notification_digest')
  expect(text).toContain('\n- Bob mentioned you\n- <b>Eva</b> replied to you\n')
  expect(html).toContain('<ul><li>Bob mentioned you</li><li>&lt;b&gt;Eva&lt;/b&gt; replied to you</li></ul>')
  expect(() => render('notification_digest', { data: { ...data, items: [] } })).toThrow('items')
})

it('times are told in the language, and as UTC', () => {
  expect(render('deletion_requested').text).toContain('erased on 24 December 2026 at 17:30 UTC')
  expect(render('deletion_requested', { locale: 'de' }).text).toContain('24. Dezember 2026 um 17:30 UTC')
  expect(render('sign_in').text).toContain('work until 22 November 2026 at 09:05 UTC')
  expect(render('sign_in', { expiresAt: null }).text).not.toContain('work until')
})

it.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE_ch', 'de'],
  ['en-GB', 'en'],
  ['fr', 'en'],
  ['', 'en'],
  ['constructor', 'en'],
  ['deutsch', 'en'],
  [null, 'en'],
])('the language nearest to %j is %s', (tag, language) => {
  expect(nearestLanguage(tag)).toBe(language)
})

describe('what people write', () => {
  it.each([
    '{link} {{7*7}} {7*7} <%= 7*7 %> #{7*7}',
    "$& $1 $` $'",
    '<img src=x onerror=alert(1)>"\'&',
    'Ann\r\nBcc: all@example.com\r\n\r\n<b>body',
    'a\u2028b\u0000c\u202edcba\u2069',
    '12345678\n87654321',
    'x'.repeat(5_000),
    '\ud800',
  ])('M41 M42 #32: %j stays a value', (value) => {
    const { subject, text, html } = render('identity_linked', { data: { name: 'Ann', provider: value } })
    const plain = render('identity_linked', { data: { name: 'Ann', provider: 'X' } })
    expect(subject).toBe(plain.subject)
    expect(text.split('\n')).toHaveLength(plain.text.split('\n').length)
    expect(text).not.toMatch(/[\u2028\u202e\u2069\0]|\n87654321/)
    expect(html.match(/<[a-z/!]/g)).toEqual(plain.html.match(/<[a-z/!]/g))
    expect(`${text}${html}`).not.toMatch(/\b49\b/)
    expect(`${text}${html}`.isWellFormed()).toBe(true)
    expect(text.length).toBeLessThan(1_500)
  })

  it.each(['https://buy.example', 'Visit www.buy.example', 'a@b.example', 'x'.repeat(150), ' \n ', ''])(
    'the greeting does not repeat the name %j',
    (name) => {
      const { text, html } = render('verify_email', { data: { ...data, name } })
      expect(text.split('\n')[0]).toBe('Hello,')
      if (name.trim()) expect(html).not.toContain(name)
    },
  )
})

it.each([
  ['no such mail', 'nonsense', {}],
  ['no mail of that name either', 'constructor', {}],
  ['no value', 'identity_linked', { name: 'Ann' }],
  ['a value of another kind', 'identity_linked', { name: 'Ann', provider: { toString: 'x' } }],
  ['an inherited value', 'username_changed', Object.create({ username: 'ann' })],
  ['no link', 'reset_password', { ...data, link: undefined }],
  ['a link that runs something', 'reset_password', { ...data, link: 'javascript:alert(1)' }],
  ['a code of letters', 'reset_password', { ...data, code: 'abcdefgh' }],
  ['a code of seven', 'reset_password', { ...data, code: '1234567' }],
])('F29: with %s there is an error and no mail', (_, template, values) => {
  expect(() => render(template, { data: values })).toThrow()
})
