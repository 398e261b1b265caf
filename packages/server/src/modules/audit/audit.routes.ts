import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, pageOf } from '../../platform/http/schemas.ts'
import { AuditEvent, SecurityLogEntry } from './audit.schema.ts'
import { AuditExportQuery, AuditQuery, SecurityLogQuery } from './audit-queries.ts'
import type { AuditTrail } from './audit-trail.service.ts'
import { AuditVerification, AuditVerifyQuery } from './audit-verification.schema.ts'
import type { AuditVerifier } from './audit-verification.service.ts'

const tags = ['audit']

export interface AuditRoutesDependencies {
  auditTrail: AuditTrail
  auditVerifier: AuditVerifier
}

export const auditRoutes =
  ({ auditTrail: trail, auditVerifier }: AuditRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/audit', {
      config: { access: { permission: 'audit:read' } },
      schema: {
        operationId: 'listAuditEvents',
        summary: 'What happened, newest first',
        tags,
        querystring: AuditQuery,
        response: { 200: pageOf(AuditEvent, 'AuditEventList'), 400: Problem, 401: Problem, 403: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => trail.list(actor, query),
    })

    app.get('/admin/audit/export', {
      config: { access: { permission: 'audit:export' }, recentAuth: true },
      schema: {
        operationId: 'exportAuditEvents',
        summary: 'All of it, or what the filters leave, as a file: a line per event, newest first',
        tags,
        querystring: AuditExportQuery,
        response: {
          200: {
            description: 'NDJSON or CSV; text that a spreadsheet would run begins with an apostrophe',
            content: {
              'application/x-ndjson': { schema: AuditEvent },
              'text/csv': { schema: Type.String() },
            },
          },
          401: Problem,
          403: Problem,
          422: Problem,
        },
      },
      handler: async ({ query }, reply) => {
        const { type, name, batches } = await trail.export(query)
        reply.header('content-disposition', `attachment; filename="${name}"`)
        return reply.type(type).send(Readable.from(batches) as never)
      },
    })

    app.post('/admin/audit/verify', {
      config: { access: { permission: 'audit:verify' }, recentAuth: true },
      schema: {
        operationId: 'verifyAuditEvents',
        summary: 'Whether every event is as it was written, and none is gone before its time',
        tags,
        querystring: AuditVerifyQuery,
        response: { 200: AuditVerification, 401: Problem, 403: Problem, 422: Problem },
      },
      handler: async ({ query }) => auditVerifier.verify(query.head),
    })

    app.get('/users/me/security-log', {
      config: { access: 'user', whileMfaOwed: true },
      schema: {
        operationId: 'listSecurityLog',
        summary: 'What happened to the account of the caller, newest first',
        tags,
        querystring: SecurityLogQuery,
        response: { 200: pageOf(SecurityLogEntry, 'SecurityLog'), 400: Problem, 401: Problem },
      },
      handler: async ({ actor, query }) => trail.securityLog(actor, query),
    })
  }
