import multipart, { type MultipartFile } from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError, platformErrors } from '../../platform/errors.ts'
import type { ByteSource } from '../../platform/storage/storage.ts'

/** What a form with a file may have besides: a boundary and headers for each part, and short fields. */
export const formBytes = 16 * 1024

const limits = { fieldNameSize: 100, fieldSize: 1000, fields: 10, files: 1, parts: 12, headerPairs: 20 }

/** Routes that are registered after it take forms with a file. */
export async function acceptFileForms(app: FastifyInstance): Promise<void> {
  await app.register(multipart, { limits: { ...limits, fileSize: Number.MAX_SAFE_INTEGER }, throwFileSizeLimit: false })
}

/**
 * Reads a form as it comes: the file goes to `take` while it arrives, the fields may stand before or after it. Throws
 * unsupported_media_type, validation_failed, bad_request, payload_too_large, and what `take` throws.
 */
export async function readFileForm<T>(
  request: FastifyRequest,
  take: (name: string, bytes: ByteSource) => Promise<T>,
  giveUp: (taken: T) => Promise<void>,
  fileFields: readonly string[] = ['file'],
): Promise<{ taken: T; fields: Record<string, unknown> }> {
  if (!request.isMultipart()) {
    throw platformErrors.unsupported_media_type({ detail: 'Send the file as multipart/form-data' })
  }
  const fields: Record<string, unknown> = {}
  let taken: { value: T } | undefined
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        if (part.fieldnameTruncated || part.valueTruncated || part.fieldname in fields) throw unreadable()
        fields[part.fieldname] = part.value
      } else if (fileFields.includes(part.fieldname)) {
        taken = { value: await take(part.filename ?? '', part.file) }
      } else {
        throw unreadable(`There is no field ${JSON.stringify(part.fieldname.slice(0, 50))} for a file`)
      }
    }
    if (!taken) throw missing()
    return { taken: taken.value, fields }
  } catch (error) {
    if (taken) await giveUp(taken.value)
    throw translated(error)
  }
}

/** The first file of a form, as it comes; fields that stand before it are known. Throws bad_request. */
export async function readFirstFile(request: FastifyRequest): Promise<MultipartFile | undefined> {
  try {
    return await request.file()
  } catch (error) {
    throw translated(error)
  }
}

const unreadable = (detail = 'The form has a field twice, or one that is too long') =>
  platformErrors.validation_failed({ detail })

function missing(): AppError {
  const error = { pointer: '/file', code: 'required', message: 'The form has no field "file" with a file' }
  return platformErrors.validation_failed({ detail: error.message, members: { errors: [error] } })
}

function translated(error: unknown): unknown {
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string }
  if (error instanceof AppError) return error
  if (statusCode === 413) {
    return platformErrors.payload_too_large({ detail: 'The form has too many parts: one file and a few fields' })
  }
  const isBroken = code?.startsWith('FST_') || /multipart|terminated early|Malformed|boundary/i.test(message ?? '')
  return isBroken ? platformErrors.bad_request({ detail: 'The form is broken or was cut off', cause: error }) : error
}
