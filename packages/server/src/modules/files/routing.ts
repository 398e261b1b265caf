import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { contentRoutes } from './content.routes.ts'
import { fileRoutes } from './files.routes.ts'
import type { FilesService } from './files.service.ts'
import { presignedRoutes } from './presigned.routes.ts'
import type { PresignedUploads } from './presigned.service.ts'
import type { SignedLinks } from './signed-links.ts'
import { tusRoutes } from './tus.routes.ts'
import type { TusService } from './tus.service.ts'

interface Dependencies {
  files: FilesService
  fileLinks: SignedLinks
  tus: TusService
  presigned: PresignedUploads
}

export const filesRoutes =
  ({ files, fileLinks, tus, presigned }: Dependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(fileRoutes(files))
    await app.register(presignedRoutes(presigned))
    await app.register(tusRoutes(tus, files.maxBytes))
    await app.register(contentRoutes(files, fileLinks))
  }
