import { Readable } from 'node:stream'
import { csvParser, textOfCell } from '../../platform/csv.ts'
import type { FieldError } from '../../platform/errors.ts'
import { platformErrors } from '../../platform/errors.ts'
import { parseJson } from '../../platform/http/json-body.ts'
import { assertStorable } from '../../platform/http/text-check.ts'
import { ofTheServer, placeOfFeature } from './geojson-body.ts'

/** A row of a file: what it says of a place, or why it says nothing. Rows count from 1, in CSV the header among them. */
export type PlaceRecord = { row: number; input: unknown } | { row: number; problem: FieldError }

export const maxRecords = 10_000

const unreadable = (detail: string, cause?: unknown) => platformErrors.validation_failed({ detail, cause })

/** The places of a GeoJSON or CSV file. Throws malformed_json, validation_failed where the file as a whole is neither. */
export async function readPlaces(bytes: Buffer): Promise<PlaceRecord[]> {
  const start = bytes.subarray(0, 100).toString().trimStart()
  const records = start.startsWith('{') ? fromGeoJson(parseJson(bytes)) : await fromCsv(textOf(bytes))
  if (records.length > maxRecords) throw unreadable(`A file may have at most ${maxRecords} places`)
  return records
}

function textOf(bytes: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    assertStorable(text)
    return text
  } catch (error) {
    throw unreadable('The file is neither GeoJSON nor CSV in UTF-8', error)
  }
}

function fromGeoJson(value: unknown): PlaceRecord[] {
  const { type, features } = value as { type?: unknown; features?: unknown }
  if (type !== 'FeatureCollection' || !Array.isArray(features)) {
    throw unreadable('This is no GeoJSON FeatureCollection')
  }
  return features.map((feature: unknown, index) => {
    try {
      return { row: index + 1, input: placeOfFeature(feature) }
    } catch {
      return { row: index + 1, problem: { pointer: '', code: 'invalid', message: 'This is no GeoJSON Feature' } }
    }
  })
}

/** What columns are called elsewhere. */
const names: Readonly<Record<string, string>> = { longitude: 'lon', lng: 'lon', latitude: 'lat', title: 'name' }

async function fromCsv(text: string): Promise<PlaceRecord[]> {
  const [header = [], ...rows] = await cellsOf(text)
  const columns = header.map((name) => name.trim().toLowerCase()).map((name) => names[name] ?? name)
  const missing = ['name', 'lon', 'lat'].filter((name) => !columns.includes(name))
  if (missing.length > 0) throw unreadable(`The header has no column ${missing.join(', ')}`)
  if (new Set(columns).size < columns.length) throw unreadable('The header has a column twice')
  return rows.map((cells, index) => {
    const row = index + 2
    if (cells.length === columns.length) return { row, ...placeOf(columns, cells) }
    const message = `The row has ${cells.length} columns, the header ${columns.length}`
    return { row, problem: { pointer: '', code: 'invalid', message } }
  })
}

async function cellsOf(text: string): Promise<string[][]> {
  const [first = ''] = text.trimStart().split(/\r?\n/, 1)
  // Spreadsheets of half the world write semicolons.
  const delimiter = [';', '\t'].find((sign) => first.split(sign).length > first.split(',').length) ?? ','
  const parser = await csvParser({ delimiter, bom: true, relax_column_count: true, skip_empty_lines: true })
  const rows: string[][] = []
  try {
    for await (const cells of Readable.from([text]).pipe(parser)) {
      rows.push(cells as string[])
      if (rows.length > maxRecords + 1) break
    }
  } catch (error) {
    throw unreadable(`After row ${rows.length} this is no CSV`, error)
  }
  return rows
}

const own = new Set(['name', 'category', 'visibility', 'lon', 'lat', 'properties'])

function placeOf(columns: readonly string[], cells: readonly string[]) {
  const entries = columns.map((name, index) => [name, plain(cells[index] ?? '')] as const)
  const cell = new Map(entries)
  const others = entries.filter(([name, text]) => !own.has(name) && !isOurs(name) && text !== '')
  const properties = propertiesOf(cell.get('properties') ?? '')
  if (!properties) {
    return { problem: { pointer: '/properties', code: 'invalid', message: 'The properties are a JSON object' } }
  }
  const { name = '', category = '', visibility = '' } = Object.fromEntries(cell)
  const input = {
    name,
    location: { lon: numberOf(cell.get('lon')), lat: numberOf(cell.get('lat')) },
    ...(category === '' ? {} : { category }),
    ...(visibility === '' ? {} : { visibility }),
    properties: { ...Object.fromEntries(others), ...properties },
  }
  return { input }
}

const isOurs = (name: string): boolean => name === 'id' || ofTheServer.has(name)

const plain = (text: string): string => textOfCell(text.trim())

/** What is no number is told by the schema, with the field it stands in. */
const numberOf = (text = ''): unknown => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text)

function propertiesOf(text: string): Record<string, unknown> | undefined {
  if (text === '') return {}
  try {
    const value = parseJson(Buffer.from(text))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
