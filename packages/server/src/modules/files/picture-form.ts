import type { FastifyInstance, FastifyRequest } from 'fastify'
import { acceptFileForms, formBytes, readFileForm } from './file-form.ts'
import type { FilesService } from './files.service.ts'
import { tooLarge } from './measured.ts'

export const acceptPictures = (app: FastifyInstance): Promise<void> => acceptFileForms(app)

/** The picture of a form. Throws file_too_large before a byte is read where the length says so, and what forms throw. */
export async function readPicture(request: FastifyRequest, { pictures }: FilesService): Promise<Buffer> {
  const length = Number(request.headers['content-length'] ?? 0) - formBytes
  if (length > pictures.maxBytes) throw tooLarge(pictures.maxBytes)
  const { taken } = await readFileForm(
    request,
    (_name, bytes) => pictures.collect(bytes),
    async () => {},
    ['file', 'profile_picture'],
  )
  return taken
}
