import type { FastifyInstance } from 'fastify'
import { platformErrors } from '../errors.ts'
import type { BodyMemory } from './body-memory.ts'
import { assertStorable } from './text-check.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

declare module 'fastify' {
  interface FastifyInstance {
    /** In this part of the server a body of this type is what `read` makes of it. */
    acceptBody(type: string, read: (body: Buffer) => unknown): void
  }
}

/** JSON is the only body this API reads: any other type answers 415, so no form of another site can post here. */
export function acceptJsonOnly(app: FastifyInstance, memory: BodyMemory): void {
  app.decorate('acceptBody', function (this: FastifyInstance, type, read) {
    this.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      const parse = () => {
        try {
          done(null, read(body))
        } catch (error) {
          done(error as Error)
        }
      }
      // What is within another request has its room already, and would wait for itself.
      const opened = request.isInside ? undefined : memory.open(request, body.length)
      if (opened) opened.then(parse, done)
      else parse()
    })
  })
  app.removeAllContentTypeParsers()
  app.acceptBody('application/json', (body) => (body.length === 0 ? undefined : parseJson(body)))
}

/** Strict JSON: valid UTF-8 without a byte order mark, no duplicate keys. Throws malformed_json. */
export function parseJson(body: Buffer): unknown {
  let text: string
  try {
    text = decoder.decode(body)
  } catch (error) {
    throw platformErrors.malformed_json({ cause: error })
  }
  return parsed(text)
}

/** The same, and numbers a double would round stay as they were written: raw JSON, which `JSON.stringify` writes again. */
export const parseExactJson = (text: string): unknown => parsed(text, keepDigits)

declare global {
  interface JSON {
    rawJSON(text: string): { readonly rawJSON: string }
    isRawJSON(value: unknown): value is { readonly rawJSON: string }
  }
}

/** Digits a double surely keeps. */
const doubleDigits = 15

function keepDigits(_key: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value)) return value
  const isLong = source.replace(/e.*/i, '').replace(/\D/g, '').length > doubleDigits
  return isLong || (Number.isInteger(value) && !Number.isSafeInteger(value)) ? JSON.rawJSON(source) : value
}

function parsed(text: string, reviver?: (key: string, value: unknown, context: { source?: string }) => unknown) {
  let value: unknown
  try {
    value = JSON.parse(text, reviver as (key: string, value: unknown) => unknown)
  } catch (error) {
    throw platformErrors.malformed_json({ cause: error })
  }
  assertStorable(value)
  // JSON.parse keeps the last of two equal keys, where another reader keeps the first: which one counts is anyone's guess.
  if (countKeysWritten(text) !== countKeysKept(value)) {
    throw platformErrors.malformed_json({ detail: 'The body has the same key twice in one object' })
  }
  return value
}

/** Every colon of valid JSON outside a string belongs to one key. */
function countKeysWritten(text: string): number {
  let keys = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22) inString = !inString
    else if (char === 0x5c && inString) i++
    else if (char === 0x3a && !inString) keys++
  }
  return keys
}

function countKeysKept(value: unknown): number {
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return 0
  const items = Object.values(value)
  const own = Array.isArray(value) ? 0 : items.length
  return items.reduce((sum: number, item) => sum + countKeysKept(item), own)
}
