import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { expectedVersion, sendWithVersion } from '../../platform/http/etag.ts'
import { Problem, pageOf } from '../../platform/http/schemas.ts'
import type { BansService } from './bans.service.ts'
import {
  AdminReport,
  Ban,
  BanQuery,
  IdParams,
  NewBan,
  NewReport,
  Report,
  ReportPatch,
  ReportQuery,
} from './moderation.schema.ts'
import type { ReportQueue } from './report-queue.service.ts'
import type { ReportsService } from './reports.service.ts'

const tags = ['moderation']
const problems = { 401: Problem, 403: Problem, 404: Problem }

export interface ModerationRoutesDependencies {
  reports: ReportsService
  reportQueue: ReportQueue
  bans: BansService
}

export const moderationRoutes =
  ({ reports, reportQueue, bans }: ModerationRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/reports', {
      config: { access: { permission: 'reports:create' }, idempotency: 'kept' },
      schema: {
        operationId: 'createReport',
        summary: 'Tell the moderators of a message, a person or a conversation',
        tags,
        body: NewReport,
        response: { 200: Report, 201: Report, ...problems, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const { report, created } = await reports.create(actor, body)
        return reply.code(created ? 201 : 200).send(report)
      },
    })

    app.get('/admin/reports', {
      config: { access: { permission: 'reports:read' } },
      schema: {
        operationId: 'listReports',
        summary: 'What was reported, the newest first',
        tags,
        querystring: ReportQuery,
        response: { 200: pageOf(AdminReport, 'AdminReportList'), 400: Problem, 401: Problem, 403: Problem },
      },
      handler: async ({ actor, query }) => reportQueue.list(actor, query),
    })

    app.get('/admin/reports/:id', {
      config: { access: { permission: 'reports:read' } },
      schema: {
        operationId: 'getReport',
        summary: 'One report',
        tags,
        params: IdParams,
        response: { 200: AdminReport, ...problems },
      },
      handler: async ({ actor, params }, reply) => sendWithVersion(reply, await reportQueue.get(actor, params.id)),
    })

    app.patch('/admin/reports/:id', {
      config: { access: { permission: 'reports:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'decideReport',
        summary: 'Resolve or dismiss a report, open it again, or write a note',
        tags,
        params: IdParams,
        body: ReportPatch,
        response: { 200: AdminReport, ...problems, 409: Problem, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendWithVersion(reply, await reportQueue.decide(actor, params.id, body, expectedVersion(request)))
      },
    })

    app.get('/admin/bans', {
      config: { access: { permission: 'bans:read' } },
      schema: {
        operationId: 'listAccessBans',
        summary: 'Who is banned, people and networks, the newest first',
        tags,
        querystring: BanQuery,
        response: { 200: pageOf(Ban, 'AccessBanList'), 400: Problem, 401: Problem, 403: Problem },
      },
      handler: async ({ actor, query }) => bans.list(actor, query),
    })

    app.get('/admin/bans/:id', {
      config: { access: { permission: 'bans:read' } },
      schema: {
        operationId: 'getAccessBan',
        summary: 'One ban',
        tags,
        params: IdParams,
        response: { 200: Ban, ...problems },
      },
      handler: async ({ params }) => bans.get(params.id),
    })

    app.post('/admin/bans', {
      config: { access: { permission: 'bans:update' }, recentAuth: true },
      schema: {
        operationId: 'createAccessBan',
        summary: 'Shut out a person, an address or a network, for a time or for good',
        tags,
        body: NewBan,
        response: { 201: Ban, ...problems, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body, client }, reply) => {
        const ban = await bans.create(actor, body, client)
        return reply.code(201).header('location', `/api/v1/admin/bans/${ban.id}`).send(ban)
      },
    })

    app.delete('/admin/bans/:id', {
      config: { access: { permission: 'bans:update' }, recentAuth: true },
      schema: {
        operationId: 'liftAccessBan',
        summary: 'Let them in again',
        tags,
        params: IdParams,
        response: { 204: Type.Null(), ...problems },
      },
      handler: async ({ actor, params }, reply) => {
        await bans.lift(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
