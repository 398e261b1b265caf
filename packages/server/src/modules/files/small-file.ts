import type { FastifyRequest } from 'fastify'
import type { ByteSource } from '../../platform/storage/storage.ts'
import { formBytes, readFileForm } from './file-form.ts'
import { tooLarge } from './measured.ts'

/**
 * The file of a form as a whole, for what is worked on at once and not kept. Throws file_too_large, before a byte is read
 * where the length says so, and what forms throw.
 */
export async function readSmallFile(
  request: FastifyRequest,
  maxBytes: number,
  fileFields?: readonly string[],
): Promise<Buffer> {
  const length = Number(request.headers['content-length'] ?? 0) - formBytes
  if (length > maxBytes) throw tooLarge(maxBytes)
  const take = (_name: string, bytes: ByteSource) => collect(bytes, maxBytes)
  const { taken } = await readFileForm(request, take, async () => {}, fileFields)
  return taken
}

export async function collect(source: ByteSource, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
