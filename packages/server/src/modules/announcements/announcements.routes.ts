import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { expectedVersion, sendWithVersion } from '../../platform/http/etag.ts'
import { Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import {
  AdminAnnouncement,
  Announcement,
  AnnouncementParams,
  AnnouncementPatch,
  AnnouncementQuery,
  NewAnnouncement,
} from './announcements.schema.ts'
import type { Announcements } from './announcements.service.ts'

const tags = ['administration']
const problems = { 401: Problem, 403: Problem }
const writes = { access: { permission: 'announcements:update' }, recentAuth: true }
const params = AnnouncementParams

export const announcementRoutes =
  (announcements: Announcements): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/announcements', {
      config: { access: { permission: 'account:read' } },
      schema: {
        operationId: 'listAnnouncements',
        summary: 'What everybody is told now, the newest first',
        tags: ['announcements'],
        response: { 200: pageOf(Announcement, 'AnnouncementList'), ...problems },
      },
      handler: async () => wholeList(await announcements.shown()),
    })

    app.get('/admin/announcements', {
      config: { access: { permission: 'announcements:read' } },
      schema: {
        operationId: 'listAllAnnouncements',
        summary: 'All announcements, past and coming ones too, the newest first',
        tags,
        querystring: AnnouncementQuery,
        response: { 200: pageOf(AdminAnnouncement, 'AdminAnnouncementList'), 400: Problem, ...problems },
      },
      handler: async ({ query }) => announcements.list(query),
    })

    app.post('/admin/announcements', {
      config: { ...writes, idempotency: 'kept' },
      schema: {
        operationId: 'createAnnouncement',
        summary: 'Tell everybody something, now or later',
        tags,
        body: NewAnnouncement,
        response: { 201: AdminAnnouncement, ...problems, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const made = await announcements.create(actor, body)
        return reply.code(201).header('location', `/api/v1/admin/announcements/${made.id}`).send(made)
      },
    })

    app.patch('/admin/announcements/:id', {
      config: writes,
      schema: {
        operationId: 'updateAnnouncement',
        summary: 'Change it; who had hidden it sees it again',
        tags,
        params,
        body: AnnouncementPatch,
        response: { 200: AdminAnnouncement, ...problems, 404: Problem, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { params: place, body } = request
        return sendWithVersion(reply, await announcements.update(place.id, body, expectedVersion(request)))
      },
    })

    app.delete('/admin/announcements/:id', {
      config: writes,
      schema: {
        operationId: 'deleteAnnouncement',
        summary: 'Take it back',
        tags,
        params,
        response: { 204: Type.Null(), ...problems, 404: Problem },
      },
      handler: async ({ params: place }, reply) => {
        await announcements.remove(place.id)
        return reply.code(204).send(null)
      },
    })
  }
