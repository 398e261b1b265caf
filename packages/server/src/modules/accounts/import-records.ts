import { Readable } from 'node:stream'
import { csvParser } from '../../platform/csv.ts'
import { accountErrors } from './accounts.errors.ts'

/** What a file may tell of an account, and what else the columns are called elsewhere. */
export const importFields = {
  username: ['user_name', 'user', 'login', 'login_name', 'nickname'],
  email: ['email_address', 'e_mail', 'mail'],
  password_hash: ['hashed_password', 'encrypted_password', 'password_digest', 'password', 'passwd'],
  email_verified: ['verified', 'is_verified', 'email_confirmed', 'is_email_verified'],
  display_name: ['name', 'full_name'],
  created_at: ['created', 'date_joined', 'registered_at', 'registered_on', 'date_created'],
  roles: ['role'],
} as const
export type ImportField = keyof typeof importFields

/** One row of a file: what it says by our names, or why it cannot be read. Rows count from 1, a header among them. */
export type ImportRecord =
  | { row: number; values: Partial<Record<ImportField, unknown>> }
  | { row: number; values?: undefined; problem: string }

const maxRecordLength = 65_536

/** The accounts of a CSV or JSON file, one at a time. Throws import_unreadable where the file as a whole makes no sense. */
export async function* readImport(file: AsyncIterable<Uint8Array>): AsyncGenerator<ImportRecord> {
  const text = decoded(file)
  let start = ''
  // Step by step: to leave a loop over it would close it.
  for (let next = await text.next(); !next.done; next = await text.next()) {
    start += next.value
    if (start.includes('\n') || /^\s*[[{]/.test(start) || start.length > maxRecordLength) break
  }
  const whole = prepended(start, text)
  yield* /^[[{]/.test(start.trimStart()) ? fromJson(whole) : fromCsv(start, whole)
}

async function* decoded(file: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of file) {
      const text = decoder.decode(chunk, { stream: true })
      if (text.includes('\0')) throw new TypeError('UTF-16, or no text at all')
      yield text
    }
    yield decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw accountErrors.import_unreadable({ detail: 'The file is not UTF-8', cause: error })
  }
}

async function* prepended(start: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield start
  yield* rest
}

/** `emailVerified`, `Email Verified` and `email_verified` are one name. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const fieldsByName = new Map<string, ImportField>(
  Object.entries(importFields).flatMap(([field, others]) =>
    [field, ...others].map((name) => [plain(name), field as ImportField] as const),
  ),
)

/** The place of each field among the names of a file; its own name goes before the others. */
function placesOf(names: readonly string[]): Map<ImportField, number> | { twice: ImportField } {
  const places = new Map<ImportField, number>()
  for (const [place, name] of names.entries()) {
    const field = fieldsByName.get(plain(name))
    if (field === undefined) continue
    const before = places.get(field)
    const isOwnName = plain(name) === plain(field)
    const wasOwnName = before !== undefined && plain(names[before] ?? '') === plain(field)
    if (before !== undefined && isOwnName === wasOwnName) return { twice: field }
    if (!wasOwnName) places.set(field, place)
  }
  return places
}

const pick = (places: Map<ImportField, number>, values: readonly unknown[]) =>
  Object.fromEntries([...places].map(([field, place]) => [field, values[place]]))

async function* fromCsv(start: string, text: AsyncGenerator<string>): AsyncGenerator<ImportRecord> {
  const parser = await csvParser({
    delimiter: delimiterOf(start),
    relax_column_count: true,
    // A stray quotation mark then spoils its own row only: the rules for names find it there. One that is never closed
    // ends the file: what follows it could be cut anywhere, and half a name is a name too.
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRecordLength,
  })
  const source = Readable.from(text)
  // A pipe carries no errors.
  source.once('error', (error) => parser.destroy(error))

  let row = 0
  let header: { places: Map<ImportField, number>; columns: number } | undefined
  for await (const cells of untilBroken(source.pipe(parser), () => row)) {
    row++
    if (!header) header = { places: headerPlaces(cells), columns: cells.length }
    else if (cells.length === header.columns) yield { row, values: pick(header.places, cells) }
    else yield { row, problem: `The row has ${cells.length} columns, the header ${header.columns}` }
  }
  if (!header) throw accountErrors.import_unreadable({ detail: 'The file has no header line' })
}

async function* untilBroken(records: AsyncIterable<string[]>, row: () => number): AsyncGenerator<string[]> {
  try {
    yield* records
  } catch (error) {
    const { code } = error as { code?: string }
    if (!code?.startsWith('CSV_')) throw error
    throw accountErrors.import_unreadable({ detail: `After row ${row()} this is no CSV (${code})`, cause: error })
  }
}

function headerPlaces(cells: readonly string[]): Map<ImportField, number> {
  const places = placesOf(cells)
  if ('twice' in places) {
    throw accountErrors.import_unreadable({ detail: `Two columns of the header mean ${places.twice}` })
  }
  const missing = (['username', 'email'] as const).filter((field) => !places.has(field))
  if (missing.length > 0) {
    throw accountErrors.import_unreadable({ detail: `The header has no column for ${missing.join(' and ')}` })
  }
  return places
}

/** Spreadsheets of half the world write semicolons. */
function delimiterOf(start: string): string {
  const [header = ''] = start.trimStart().split(/\r?\n/, 1)
  const counted = [',', ';', '\t'].map((sign) => ({ sign, count: header.split(sign).length }))
  return counted.reduce((a, b) => (b.count > a.count ? b : a)).sign
}

async function* fromJson(text: AsyncGenerator<string>): AsyncGenerator<ImportRecord> {
  let row = 0
  for await (const object of objectsIn(text)) {
    row++
    if ('problem' in object) yield { row, problem: object.problem }
    else yield parsed(row, object.text)
  }
}

function parsed(row: number, text: string): ImportRecord {
  let object: Record<string, unknown>
  try {
    object = JSON.parse(text)
  } catch {
    return { row, problem: 'This is not valid JSON' }
  }
  const places = placesOf(Object.keys(object))
  if ('twice' in places) return { row, problem: `Two names mean ${places.twice}` }
  return { row, values: pick(places, Object.values(object)) }
}

/** The objects of a JSON array, or of lines of JSON: found by their braces, so that no more than one is held. */
async function* objectsIn(text: AsyncGenerator<string>): AsyncGenerator<{ text: string } | { problem: string }> {
  let depth = 0
  let isString = false
  let isEscaped = false
  let held = ''
  for await (const chunk of text) {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const sign = chunk[i] as string
      if (depth === 0) {
        if (sign === '{') [depth, start] = [1, i]
        else if (!/[\s,[\]]/.test(sign)) {
          throw accountErrors.import_unreadable({ detail: 'Between its objects the JSON has something else' })
        }
      } else if (isString) {
        if (isEscaped) isEscaped = false
        else if (sign === '\\') isEscaped = true
        else if (sign === '"') isString = false
        else if (sign === '\n') {
          // No string goes over the end of a line: this object is broken, the next line may not be.
          yield { problem: 'A text has no end' }
          ;[depth, isString, held] = [0, false, '']
        }
      } else if (sign === '"') isString = true
      else if (sign === '{' || sign === '[') depth++
      else if (sign === '}' || sign === ']') {
        depth--
        if (depth > 0) continue
        yield { text: held + chunk.slice(start, i + 1) }
        held = ''
      }
    }
    if (depth > 0) held += chunk.slice(start)
    if (held.length > maxRecordLength) {
      throw accountErrors.import_unreadable({ detail: 'One object is longer than 64 KiB' })
    }
  }
  if (depth > 0) yield { problem: 'The file ends in the middle of it' }
}
