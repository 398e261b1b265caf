import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { Job, JobList, JobParams } from './jobs.schema.ts'
import type { JobsService } from './jobs.service.ts'

const tags = ['administration']
const problems = { 401: Problem, 403: Problem }

export const jobRoutes =
  (jobs: JobsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/jobs', {
      config: { access: { permission: 'jobs:read' } },
      schema: {
        operationId: 'listJobs',
        summary: 'What the server does by itself, when it did it last, and what waits to be done',
        tags,
        response: { 200: JobList, ...problems },
      },
      handler: async () => jobs.list(),
    })

    app.post('/admin/jobs/:id/retry', {
      config: { access: { permission: 'jobs:run' }, recentAuth: true },
      schema: {
        operationId: 'runJob',
        summary: 'Do one of these things now; the answer does not wait until it is done',
        tags,
        params: JobParams,
        response: { 202: Job, ...problems, 404: Problem, 409: Problem },
      },
      handler: async ({ params }, reply) => reply.code(202).send(await jobs.run(params.id)),
    })
  }
