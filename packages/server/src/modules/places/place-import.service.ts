import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { AppError, type FieldError, platformErrors } from '../../platform/errors.ts'
import { validator } from '../../platform/http/validation.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { type PlaceRecord, readPlaces } from './place-records.ts'
import { insertPlaces } from './places.repository.ts'
import { NewPlace, type PlaceImport } from './places.schema.ts'
import { assertRoom, newPlaceRow, type PlaceDetails, readDetails } from './places.service.ts'

export interface PlaceImportDependencies {
  database: DatabaseHandle
  limiter: RateLimiter
  now: Clock
  /** How many one person may keep; 0: as many as they like. */
  mostPlaces(): number
}

const imports: Limit = { name: 'place_imports', limit: 20, windowSeconds: 600 }
const shownProblems = 100
const readInput = validator<NewPlace>(NewPlace)

/** Places that come as a file. */
export class PlaceImportService {
  readonly #deps: PlaceImportDependencies

  constructor(deps: PlaceImportDependencies) {
    this.#deps = deps
  }

  /**
   * All of the file or nothing of it: with one row that cannot be, validation_failed tells what is wrong row by row.
   * A dry run tells the same and writes nothing.
   */
  async run(actor: Actor, bytes: Buffer, { dryRun }: { dryRun: boolean }): Promise<PlaceImport> {
    const { database, limiter, now, mostPlaces } = this.#deps
    assertAllowed(await limiter.take(imports, actor.userId))
    const read = (await readPlaces(bytes)).map(readRecord)
    const errors = read.flatMap(({ problems }) => problems)
    const failed = read.filter(({ problems }) => problems.length > 0).length
    const counts = { rows: read.length, failed, errors: errors.slice(0, shownProblems) }
    if (dryRun) return { ...counts, created: 0, dry_run: true }
    if (failed > 0) {
      const rows = failed === 1 ? '1 row needs' : `${failed} rows need`
      throw platformErrors.validation_failed({ detail: `${rows} attention; nothing was imported`, members: counts })
    }
    const at = now().toISOString()
    const rows = read.flatMap(({ details }) => (details ? newPlaceRow(actor.userId, details, at) : []))
    await database.unitOfWork(async ({ tx }) => {
      await assertRoom(tx, actor.userId, rows.length, mostPlaces())
      await insertPlaces(tx, database.dialect, rows)
    })
    return { ...counts, created: rows.length, dry_run: false }
  }
}

interface ReadRecord {
  details?: PlaceDetails
  problems: FieldError[]
}

function readRecord(record: PlaceRecord): ReadRecord {
  const at = ({ pointer, ...problem }: FieldError) => ({ pointer: `/${record.row}${pointer}`, ...problem })
  if ('problem' in record) return { problems: [at(record.problem)] }
  try {
    const { details, problems } = readDetails(readInput(record.input))
    return { details, problems: problems.map(at) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { problems: (error.members.errors as FieldError[]).map(at) }
  }
}
