import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { Backup, BackupList, BackupParams } from './stored.schema.ts'
import type { StoredBackups } from './stored-backups.ts'

const tags = ['administration']
const problems = { 401: Problem, 403: Problem }
const params = BackupParams
const makes = { access: { permission: 'backups:create' }, recentAuth: true }
const takes = { access: { permission: 'backups:download' }, recentAuth: true }
const Bytes = Type.Unsafe<unknown>({ type: 'string', format: 'binary' })

export const backupRoutes =
  (backups: StoredBackups): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/backups', {
      config: { access: { permission: 'backups:read' } },
      schema: {
        operationId: 'listBackups',
        summary: 'Backups on the machine that answers, the newest first',
        tags,
        response: { 200: BackupList, ...problems },
      },
      handler: async () => backups.list(),
    })

    app.post('/admin/backups', {
      config: makes,
      schema: {
        operationId: 'createBackup',
        summary: 'Make one now; the answer does not wait until it is done',
        tags,
        response: { 202: Backup, ...problems, 409: Problem },
      },
      handler: async (_request, reply) => reply.code(202).send(await backups.begin()),
    })

    app.post('/admin/backups/:id/verify', {
      config: makes,
      schema: {
        operationId: 'verifyBackup',
        summary: 'Check that it is whole and as it was written; the answer does not wait until it is done',
        tags,
        params,
        response: { 202: Backup, ...problems, 404: Problem, 409: Problem },
      },
      handler: async ({ params: { id } }, reply) => reply.code(202).send(await backups.check(id)),
    })

    app.get('/admin/backups/:id', {
      config: takes,
      schema: {
        operationId: 'getBackup',
        summary: 'One backup, for whoever may download it now',
        tags,
        params,
        response: { 200: Backup, ...problems, 404: Problem },
      },
      handler: async ({ params: { id } }) => backups.get(id),
    })

    app.get('/admin/backups/:id/download', {
      config: takes,
      schema: {
        operationId: 'downloadBackup',
        summary: 'The file: everything there is, secrets of people too. Bringing it back is the command `restore`',
        tags,
        params,
        response: { 200: Bytes, ...problems, 404: Problem, 409: Problem },
      },
      handler: async ({ params: { id }, method }, reply) => {
        // Who asks for the headers takes nothing away.
        const { name, size, bytes } = await (method === 'HEAD' ? backups.describe(id) : backups.open(id))
        reply.headers({
          ...{
            'content-type': 'application/octet-stream',
            'content-length': size,
            'cache-control': 'private, no-store',
          },
          ...{
            'content-disposition': `attachment; filename="${name}"`,
            'content-security-policy': "sandbox; default-src 'none'",
          },
        })
        return reply.send(bytes)
      },
    })

    app.delete('/admin/backups/:id', {
      config: makes,
      schema: {
        operationId: 'deleteBackup',
        summary: 'Remove the file of this machine',
        tags,
        params,
        response: { 204: Type.Null(), ...problems, 404: Problem, 409: Problem },
      },
      handler: async ({ params: { id } }, reply) => {
        await backups.remove(id)
        return reply.code(204).send(null)
      },
    })
  }
