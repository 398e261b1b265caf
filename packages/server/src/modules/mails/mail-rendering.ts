import { htmlPart, type Piece, textPart } from './mail-layout.ts'
import type { MailTemplate } from './mail-templates.ts'
import { german } from './mail-words.de.ts'
import { english } from './mail-words.en.ts'
import type { MailPart, MailText, MailWords } from './mail-words.ts'

const languages = { en: english, de: german } satisfies Record<string, MailWords>
export type MailLanguage = keyof typeof languages

/** The language with words that is nearest to a tag (RFC 4647 lookup); English where there is none. */
export function nearestLanguage(tag: string | null | undefined): MailLanguage {
  const [primary = ''] = (tag ?? '').trim().toLowerCase().split(/[-_]/, 1)
  return Object.hasOwn(languages, primary) ? (primary as MailLanguage) : 'en'
}

export interface MailToRender {
  template: string
  locale: string
  data: Readonly<Record<string, unknown>>
  createdAt: string
  expiresAt: string | null
  /** Host people know the installation by. */
  site: string
}

export interface RenderedMail {
  subject: string
  text: string
  html: string
  links: string[]
  code?: string
}

/** The words of a mail with its values. Throws where a value is missing or is not what it should be. */
export function renderMail(mail: MailToRender): RenderedMail {
  const language = nearestLanguage(mail.locale)
  const words: MailWords = languages[language]
  if (!Object.hasOwn(words.mails, mail.template)) throw new Error(`There is no mail called ${mail.template}`)
  const { subject, body }: MailText = words.mails[mail.template as MailTemplate]

  const values: Record<string, unknown> = { ...mail.data, time: mail.createdAt, site: mail.site }
  if (mail.expiresAt !== null) values.expires = mail.expiresAt
  const fill = (text: string) => fillIn(text, values, language)
  const pieces = body
    .filter((part) => typeof part === 'string' || !('until' in part) || mail.expiresAt !== null)
    .map((part) => toPiece(part, values, fill))
  const letter = {
    language,
    subject: fill(subject),
    greeting: isGreetable(values.name) ? fill(words.greeting) : words.greetingWithoutName,
    pieces,
    footer: fill(words.footer),
  }
  const code = pieces.find((piece) => piece.kind === 'code')?.text
  return {
    subject: letter.subject,
    text: textPart(letter),
    html: htmlPart(letter),
    links: pieces.flatMap((piece) => (piece.kind === 'link' ? [piece.address] : [])),
    ...(code === undefined ? {} : { code }),
  }
}

function toPiece(part: MailPart, values: Record<string, unknown>, fill: (text: string) => string): Piece {
  if (part === 'code') return { kind: 'code', text: codeIn(values) }
  if (typeof part === 'string') return { kind: 'paragraph', text: fill(part) }
  if ('list' in part) return { kind: 'list', items: itemsIn(values, part.list) }
  if ('until' in part) return { kind: 'paragraph', text: fill(part.until) }
  return { kind: 'link', label: part.label, address: addressIn(values, part.link) }
}

/** `{name}` becomes the value of that name, once: what a value says is never looked at again. */
function fillIn(text: string, values: Record<string, unknown>, language: MailLanguage): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`The mail has no ${name}`)
    return isoTime.test(String(value)) ? formatTime(String(value), language) : oneLine(String(value))
  })
}

const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/

const formatTime = (iso: string, language: MailLanguage): string =>
  `${new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(iso))} UTC`

const longestValue = 200

/** What people name themselves and their things: no line of its own, no header, no turning of the text around it. */
function oneLine(value: string): string {
  const line = value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
  const characters = [...line]
  return characters.length > longestValue ? `${characters.slice(0, longestValue).join('')}…` : line
}

/** Anyone may register a stranger's address: a name must not carry an advertisement there. */
const isGreetable = (name: unknown): boolean =>
  typeof name === 'string' && oneLine(name) !== '' && oneLine(name).length <= 100 && !/:\/\/|www\.|[/@]/i.test(name)

function codeIn({ code }: Record<string, unknown>): string {
  if (typeof code !== 'string' || !/^\d{8}$/.test(code)) throw new Error('The mail has no code of 8 digits')
  return code
}

function itemsIn(values: Record<string, unknown>, name: string): string[] {
  const items = values[name]
  if (!Array.isArray(items) || items.length === 0) throw new Error(`The mail has no ${name}`)
  return items.map((item) => oneLine(String(item)))
}

function addressIn(values: Record<string, unknown>, name: string): string {
  const address = values[name]
  const url = typeof address === 'string' ? URL.parse(address) : null
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`The mail has no ${name}`)
  return url.href
}
