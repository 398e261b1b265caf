import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { FieldError } from '../../platform/errors.ts'
import { platformErrors } from '../../platform/errors.ts'
import { positionProblems, toPosition } from '../../platform/geo/geojson.ts'
import { assertVersion } from '../../platform/http/etag.ts'
import { newId } from '../../platform/ids.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { accessErrors, holds } from '../../platform/policy.ts'
import { invalidFields } from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import { fileErrors } from '../files/index.ts'
import { toPlace } from './place-views.ts'
import {
  countPlaces,
  deletePlace,
  deletePlacesOf,
  findPlace,
  insertPlaces,
  lockPlace,
  type PlaceRow,
  updatePlace,
} from './places.repository.ts'
import type { NewPlace, Place, PlacePatch } from './places.schema.ts'

export interface PlacesDependencies {
  database: DatabaseHandle
  audit: AuditService
  limiter: RateLimiter
  now: Clock
  /** How many one person may keep; 0: as many as they like. */
  mostPlaces(): number
}

const changes: Limit = { name: 'places', limit: 120, windowSeconds: 60 }
const maxProperties = 16_000

/** What a person says of a place, checked. */
export type PlaceDetails = Pick<PlaceRow, 'name' | 'category' | 'lon' | 'lat' | 'properties' | 'visibility'>

export class PlacesService {
  readonly #deps: PlacesDependencies

  constructor(deps: PlacesDependencies) {
    this.#deps = deps
  }

  /** Throws not_found for what the caller may not know of. */
  async get(actor: Actor, id: string): Promise<Place> {
    return toPlace(visible(actor, await findPlace(this.#deps.database.db, id)))
  }

  async create(actor: Actor, input: NewPlace): Promise<Place> {
    const { database, limiter, now, mostPlaces } = this.#deps
    const details = checked(input)
    assertAllowed(await limiter.take(changes, actor.userId))
    const row = newPlaceRow(actor.userId, details, now().toISOString())
    await database.unitOfWork(async ({ tx }) => {
      await assertRoom(tx, actor.userId, 1, mostPlaces())
      await insertPlaces(tx, database.dialect, [row])
    })
    return toPlace(row)
  }

  /** Everything that is not said is as in a new place. Throws not_found, forbidden, precondition_failed. */
  replace(actor: Actor, id: string, input: NewPlace, expected: number | undefined): Promise<Place> {
    return this.#change(actor, id, input, expected, () => input)
  }

  /** Merged (RFC 7396). Throws not_found, forbidden, precondition_failed. */
  change(actor: Actor, id: string, patch: PlacePatch, expected: number | undefined): Promise<Place> {
    return this.#change(actor, id, patch, expected, ({ name, category, geometry, visibility, properties }) => {
      const moved = patch.location || patch.geometry ? {} : { geometry }
      const merged = patch.properties === undefined ? properties : merge(properties, patch.properties)
      return { name, category, visibility, ...moved, ...patch, properties: merged as NewPlace['properties'] & object }
    })
  }

  async #change(
    actor: Actor,
    id: string,
    yours: NewPlace | PlacePatch,
    expected: number | undefined,
    next: (current: Place) => NewPlace,
  ): Promise<Place> {
    const { database, limiter, now } = this.#deps
    assertAllowed(await limiter.take(changes, actor.userId))
    return database.unitOfWork(async ({ tx }) => {
      const row = own(actor, await lockPlace(tx, database.dialect, id))
      const current = toPlace(row)
      assertVersion(expected, row.version, yours, { ...current })
      const updated = { ...row, ...checked(next(current)), version: row.version + 1, updated_at: now().toISOString() }
      await updatePlace(tx, database.dialect, updated)
      return toPlace(updated)
    })
  }

  /** One's own, or a public one of somebody else's by who looks after places. Throws not_found, forbidden. */
  async remove(actor: Actor, id: string, expected: number | undefined): Promise<void> {
    const { database, audit } = this.#deps
    await database.unitOfWork(async ({ tx }) => {
      const row = visible(actor, await lockPlace(tx, database.dialect, id))
      const isOwn = row.owner_id === actor.userId
      if (!isOwn && !holds(actor, 'places:remove')) throw accessErrors.forbidden()
      assertVersion(expected, row.version)
      await deletePlace(tx, id)
      if (isOwn) return
      const { owner_id, name } = row
      await audit.record(tx, {
        type: 'place_removed',
        userId: owner_id,
        resource: { type: 'place', id },
        detail: { name },
      })
    })
  }

  /** What is kept of somebody whose account ends. */
  async forget(tx: Db, userId: string): Promise<void> {
    await deletePlacesOf(tx, userId)
  }
}

/** Requests at the same moment may pass it together, each by what it brings. Throws quota_exceeded. */
export async function assertRoom(tx: Db, ownerId: string, more: number, most: number): Promise<void> {
  if (most === 0) return
  const known = await countPlaces(tx, ownerId, most + 1)
  if (known + more <= most) return
  throw fileErrors.quota_exceeded({
    detail: `You may keep ${most} places and have ${known}`,
    members: { most_places: most, places: known },
  })
}

export const newPlaceRow = (ownerId: string, details: PlaceDetails, now: string): PlaceRow => ({
  id: newId(),
  owner_id: ownerId,
  ...details,
  version: 1,
  created_at: now,
  updated_at: now,
})

function visible({ userId }: Actor, row: PlaceRow | undefined): PlaceRow {
  if (!row || (row.visibility !== 'public' && row.owner_id !== userId)) throw platformErrors.not_found()
  return row
}

function own(actor: Actor, found: PlaceRow | undefined): PlaceRow {
  const row = visible(actor, found)
  if (row.owner_id !== actor.userId) throw accessErrors.forbidden({ detail: 'Only its owner changes a place' })
  return row
}

/** Throws validation_failed. */
export function checked(input: NewPlace): PlaceDetails {
  const { details, problems } = readDetails(input)
  if (problems.length > 0) throw invalidFields(problems)
  return details
}

/** The details, and what is wrong with them. */
export function readDetails(input: NewPlace): { details: PlaceDetails; problems: FieldError[] } {
  const problems: FieldError[] = []
  const { geometry, location } = input
  if ((geometry === undefined) === (location === undefined)) {
    const message = geometry ? 'Say where it lies once: geometry or location' : 'Say where it lies'
    problems.push({ pointer: '/geometry', code: geometry ? 'invalid' : 'required', message })
  }
  const coordinates = geometry?.coordinates ?? (location ? [location.lon, location.lat] : [0, 0])
  const at = geometry
    ? (['/geometry/coordinates/0', '/geometry/coordinates/1'] as const)
    : (['/location/lon', '/location/lat'] as const)
  problems.push(...positionProblems(coordinates, at))
  const name = input.name.trim()
  if (name === '') problems.push({ pointer: '/name', code: 'too_short', message: 'A place has a name' })
  const properties = JSON.stringify(input.properties ?? {})
  if (properties.length > maxProperties)
    problems.push({
      pointer: '/properties',
      code: 'too_long',
      message: `May have at most ${maxProperties} characters as JSON`,
    })
  const category = input.category?.trim() || null
  const details = { name, category, ...toPosition(coordinates), properties, visibility: input.visibility ?? 'private' }
  return { details, problems }
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON merge patch (RFC 7396). */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged: Json = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else
      Object.defineProperty(merged, key, {
        value: merge(merged[key], value),
        enumerable: true,
        configurable: true,
        writable: true,
      })
  }
  return merged
}
