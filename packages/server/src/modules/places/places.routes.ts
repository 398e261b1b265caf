import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { Id, Problem } from '../../platform/http/schemas.ts'
import { acceptFeatures } from './geojson-body.ts'
import type { PlaceSearchService } from './place-search.service.ts'
import { geoJson, toFeature, toFeatureCollection } from './place-views.ts'
import {
  ExportQuery,
  NewPlace,
  Place,
  PlaceFeature,
  PlaceFeatureCollection,
  PlaceList,
  PlacePatch,
  PlaceQuery,
  PlacesWithin,
} from './places.schema.ts'
import type { PlacesService } from './places.service.ts'

const tags = ['places']
const Params = Type.Object({ id: Id })
const reading = { access: { permission: 'places:read' } }
const changing = { access: { permission: 'places:update' } }

const inBothForms = (description: string, json: TSchema, geo: TSchema) => ({
  description,
  content: { 'application/json': { schema: json }, [geoJson]: { schema: geo } },
})
const List = inBothForms(
  'Places; as a GeoJSON FeatureCollection when that is accepted',
  PlaceList,
  PlaceFeatureCollection,
)
const One = inBothForms('The place; as a GeoJSON Feature when that is accepted', Place, PlaceFeature)

const wantsGeoJson = ({ headers }: FastifyRequest): boolean => headers.accept?.includes(geoJson) ?? false

function sendList(request: FastifyRequest, reply: FastifyReply, list: PlaceList) {
  reply.header('vary', 'Accept')
  if (!wantsGeoJson(request)) return list
  return reply.type(geoJson).send(JSON.stringify(toFeatureCollection(list))) as never
}

function sendPlace(request: FastifyRequest, reply: FastifyReply, place: Place) {
  reply.header('vary', 'Accept')
  const sent = sendVersioned(request, reply, place, wantsGeoJson(request) ? geoJson : undefined)
  if (sent !== place || !wantsGeoJson(request)) return sent as never
  return reply.type(geoJson).send(JSON.stringify(toFeature(place))) as never
}

export const placeItemRoutes =
  ({ places, placeSearch }: { places: PlacesService; placeSearch: PlaceSearchService }): FastifyPluginAsyncTypebox =>
  async (app) => {
    acceptFeatures(app)

    app.get('/places', {
      config: reading,
      schema: {
        operationId: 'listPlaces',
        summary: 'Public places and one’s own: newest first, nearest first around a point, or those in a box',
        tags,
        querystring: PlaceQuery,
        response: { 200: List, 400: Problem, 401: Problem, 422: Problem },
      },
      handler: async (request, reply) => sendList(request, reply, await placeSearch.list(request.actor, request.query)),
    })

    app.get('/places/export', {
      config: reading,
      schema: {
        operationId: 'exportPlaces',
        summary: 'One’s own places as a file: GeoJSON, or CSV',
        tags,
        querystring: ExportQuery,
        response: {
          200: {
            description: 'Oldest first; text that a spreadsheet would run begins with an apostrophe in CSV',
            content: { [geoJson]: { schema: Type.String() }, 'text/csv': { schema: Type.String() } },
          },
          401: Problem,
          422: Problem,
        },
      },
      handler: async ({ actor, query }, reply) => {
        const { type, name, batches } = placeSearch.export(actor, query.format ?? 'geojson')
        reply.header('content-disposition', `attachment; filename="${name}"`)
        return reply.type(type).send(Readable.from(batches) as never)
      },
    })

    app.post('/places/within', {
      config: reading,
      schema: {
        operationId: 'listPlacesWithin',
        summary: 'The places in a polygon, newest first; its edges are straight in longitude and latitude',
        tags,
        body: PlacesWithin,
        response: { 200: List, 400: Problem, 401: Problem, 422: Problem },
      },
      handler: async (request, reply) =>
        sendList(request, reply, await placeSearch.within(request.actor, request.body)),
    })

    app.post('/places', {
      config: { ...changing, idempotency: 'kept' },
      schema: {
        operationId: 'createPlace',
        summary: 'Add a place; a GeoJSON Feature is taken, too',
        tags,
        body: NewPlace,
        response: { 201: One, 401: Problem, 415: Problem, 422: Problem, 429: Problem },
      },
      handler: async (request, reply) => {
        const place = await places.create(request.actor, request.body)
        reply.code(201).header('location', `/api/v1/places/${place.id}`)
        return sendPlace(request, reply, place)
      },
    })

    app.get('/places/:id', {
      config: reading,
      schema: {
        operationId: 'getPlace',
        summary: 'One place',
        tags,
        params: Params,
        response: { 200: One, 304: Type.Null(), 404: Problem },
      },
      handler: async (request, reply) => sendPlace(request, reply, await places.get(request.actor, request.params.id)),
    })

    app.put('/places/:id', {
      config: changing,
      schema: {
        operationId: 'replacePlace',
        summary: 'Replace one’s own place; what is not said is as in a new one',
        tags,
        params: Params,
        body: NewPlace,
        response: { 200: One, 403: Problem, 404: Problem, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendPlace(request, reply, await places.replace(actor, params.id, body, expectedVersion(request)))
      },
    })

    app.patch('/places/:id', {
      config: { ...changing, idempotency: 'kept' },
      schema: {
        operationId: 'updatePlace',
        summary: 'Change one’s own place',
        tags,
        params: Params,
        body: PlacePatch,
        response: { 200: One, 403: Problem, 404: Problem, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendPlace(request, reply, await places.change(actor, params.id, body, expectedVersion(request)))
      },
    })

    app.delete('/places/:id', {
      config: changing,
      schema: {
        operationId: 'deletePlace',
        summary: 'Remove one’s own place, or, as somebody who looks after places, a public one',
        tags,
        params: Params,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 412: Problem },
      },
      handler: async (request, reply) => {
        await places.remove(request.actor, request.params.id, expectedVersion(request))
        return reply.code(204).send(null)
      },
    })
  }
