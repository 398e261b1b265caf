import type { Actor } from '../../platform/actor.ts'
import { csvLine } from '../../platform/csv.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { pause } from '../../platform/db/time-limit.ts'
import { geoJson, toFeature, toPlace } from './place-views.ts'
import { listOwned, type PlaceRow } from './places.repository.ts'

const batchSize = 500
const csvColumns = [
  'id',
  'name',
  'category',
  'lon',
  'lat',
  'visibility',
  'properties',
  'created_at',
  'updated_at',
] as const

const formats = {
  geojson: {
    type: geoJson,
    head: '{"type":"FeatureCollection","features":[',
    tail: '\n]}\n',
    line: (row: PlaceRow, index: number) => `${index === 0 ? '' : ','}\n${JSON.stringify(toFeature(toPlace(row)))}`,
  },
  csv: {
    type: 'text/csv; charset=utf-8',
    head: csvLine([...csvColumns]),
    tail: '',
    line: (row: PlaceRow) => csvLine(csvColumns.map((column) => row[column])),
  },
} as const
export type ExportFormat = keyof typeof formats

/** The caller's own places, oldest first, a batch at a time however many there are. */
export function exportPlaces({ db }: DatabaseHandle, { userId }: Actor, format: ExportFormat) {
  const { type, head, tail, line } = formats[format]
  async function* batches(): AsyncGenerator<string> {
    yield head
    let count = 0
    for (let after: string | undefined; ; ) {
      const rows = await listOwned(db, userId, after, batchSize)
      yield rows.map((row) => line(row, count++)).join('')
      after = rows.at(-1)?.id
      if (rows.length < batchSize) break
      // SQLite answers without ever letting anybody else have a turn.
      await pause(0)
    }
    yield tail
  }
  return { type, name: `places.${format}`, batches: batches() }
}
