import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { contentRoutes } from './content.routes.ts'
import { fileRoutes } from './files.routes.ts'
import type { FilesService } from './files.service.ts'
import type { SignedLinks } from './signed-links.ts'

interface Dependencies {
  files: FilesService
  fileLinks: SignedLinks
}

export const filesRoutes =
  ({ files, fileLinks }: Dependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(fileRoutes(files))
    await app.register(contentRoutes(files, fileLinks))
  }
