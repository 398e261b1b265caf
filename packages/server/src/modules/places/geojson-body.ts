import type { FastifyInstance } from 'fastify'
import { platformErrors } from '../../platform/errors.ts'
import { parseJson } from '../../platform/http/json-body.ts'
import { geoJson } from './place-views.ts'

/** Says nothing about a place of ours, though a list we gave out has it. */
export const ofTheServer = new Set(['owner_id', 'created_at', 'updated_at', 'version', 'distance_m'])
const ofThePlace = new Set(['name', 'category', 'visibility'])

/** A GeoJSON Feature as the body of a place; what its properties call name, category and visibility is that of the place. */
export function placeOfFeature(value: unknown): unknown {
  if (!isFeature(value)) throw platformErrors.validation_failed({ detail: 'This is not a GeoJSON Feature' })
  const entries = Object.entries(value.properties ?? {}).filter(([key]) => !ofTheServer.has(key))
  const own = entries.filter(([key]) => ofThePlace.has(key))
  const properties = Object.fromEntries(entries.filter(([key]) => !ofThePlace.has(key)))
  return { ...Object.fromEntries(own), geometry: value.geometry, properties }
}

function isFeature(value: unknown): value is { geometry: unknown; properties: object | null } {
  if (typeof value !== 'object' || value === null) return false
  const { type, properties } = value as Record<string, unknown>
  return type === 'Feature' && typeof (properties ?? {}) === 'object' && !Array.isArray(properties)
}

/** In this part of the server a Feature can be sent for a place. */
export function acceptFeatures(app: FastifyInstance): void {
  app.acceptBody(geoJson, (body) => placeOfFeature(parseJson(body)))
}
