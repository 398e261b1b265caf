import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { contentRoutes } from './content.routes.ts'
import { fileRoutes } from './files.routes.ts'
import type { FilesService } from './files.service.ts'
import type { SignedLinks } from './signed-links.ts'
import { tusRoutes } from './tus.routes.ts'
import type { TusService } from './tus.service.ts'

interface Dependencies {
  files: FilesService
  fileLinks: SignedLinks
  tus: TusService
}

export const filesRoutes =
  ({ files, fileLinks, tus }: Dependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(fileRoutes(files))
    await app.register(tusRoutes(tus, files.maxBytes))
    await app.register(contentRoutes(files, fileLinks))
  }
