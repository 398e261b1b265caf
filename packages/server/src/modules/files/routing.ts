import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { contentRoutes } from './content.routes.ts'
import { fileRoutes } from './files.routes.ts'
import type { FilesService } from './files.service.ts'

interface Dependencies {
  files: FilesService
}

export const filesRoutes =
  ({ files }: Dependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(fileRoutes(files))
    await app.register(contentRoutes(files))
  }
