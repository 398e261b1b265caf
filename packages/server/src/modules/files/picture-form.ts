import type { FastifyInstance, FastifyRequest } from 'fastify'
import { acceptFileForms } from './file-form.ts'
import type { FilesService } from './files.service.ts'
import { readSmallFile } from './small-file.ts'

export const acceptPictures = (app: FastifyInstance): Promise<void> => acceptFileForms(app)

/** The picture of a form. Throws file_too_large, and what forms throw. */
export const readPicture = (request: FastifyRequest, { pictures }: FilesService): Promise<Buffer> =>
  readSmallFile(request, pictures.maxBytes, ['file', 'profile_picture'])
