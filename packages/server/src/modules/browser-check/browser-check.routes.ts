import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { platformErrors } from '../../platform/errors.ts'
import { Problem, pageOf } from '../../platform/http/schemas.ts'
import type { Arrivals } from './arrivals.ts'
import { Arrival, BrowserReport, NewReport, Probe, ReportsQuery, SentReport } from './browser-check.schema.ts'
import type { BrowserReports } from './browser-reports.service.ts'

const tags = ['health']
const pieces = 4
const pauseMs = 100

export interface BrowserCheckRoutesDependencies {
  browserReports: BrowserReports
  arrivals: Arrivals
  isDoctorOpen: boolean
}

/** What the page at /doctor asks. It is for everybody: who cannot sign in needs it most. */
export const browserCheckRoutes =
  ({ browserReports, arrivals, isDoctorOpen }: BrowserCheckRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    const assertOpen = () => {
      if (!isDoctorOpen) throw platformErrors.not_found({ detail: 'DOCTOR_PAGE is off' })
    }

    app.post('/doctor/probe', {
      config: { access: 'optional', whileMfaOwed: true, whileDeleting: true },
      schema: {
        operationId: 'probeBrowser',
        summary: 'What of this request comes through to the server; sets a cookie that the next one is to bring back',
        tags,
        body: Probe,
        response: { 200: Arrival, 404: Problem, 413: Problem, 422: Problem },
      },
      handler: async ({ raw, visitor, body }, reply) => {
        assertOpen()
        const arrival = arrivals.read(raw, visitor, body.padding?.length ?? 0)
        return reply.header('set-cookie', arrivals.setCookies()).header('cache-control', 'no-store').send(arrival)
      },
    })

    app.get('/doctor/stream', {
      config: { access: 'public' },
      schema: {
        operationId: 'streamToBrowser',
        summary: 'Four lines in a second, to see whether something on the way holds them back',
        tags,
      },
      handler: async (_request, reply) => {
        assertOpen()
        const lines = Readable.from(lineByLine(), { objectMode: false })
        return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(lines)
      },
    })

    app.post('/doctor/report', {
      config: { access: 'optional', whileMfaOwed: true, whileDeleting: true },
      schema: {
        operationId: 'sendBrowserReport',
        summary: 'Tell those who look after the server what was found; kept for 30 days',
        tags,
        body: NewReport,
        response: { 201: SentReport, 404: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ visitor, client, body }, reply) => {
        assertOpen()
        return reply.code(201).send(await browserReports.send(visitor, client, body))
      },
    })

    app.get('/admin/doctor/reports', {
      config: { access: { permission: 'health:read' } },
      schema: {
        operationId: 'listBrowserReports',
        summary: 'What browsers of people found, the newest first',
        tags: ['administration'],
        querystring: ReportsQuery,
        response: { 200: pageOf(BrowserReport, 'BrowserReportList'), 400: Problem, 401: Problem, 403: Problem },
      },
      handler: async ({ query }) => browserReports.list(query),
    })
  }

async function* lineByLine(): AsyncGenerator<string> {
  for (let piece = 1; piece <= pieces; piece++) {
    if (piece > 1) await wait(pauseMs)
    yield `${piece} of ${pieces}\n`
  }
}
