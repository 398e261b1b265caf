import type { FastifyRequest } from 'fastify'
import { platformErrors } from '../../platform/errors.ts'
import { validator } from '../../platform/http/validation.ts'
import { UploadFields } from './files.schema.ts'
import { type Checksum, checksumAlgorithms, type TusCreation } from './tus.service.ts'

const unreadable = (name: string, form: string) =>
  platformErrors.bad_request({ detail: `The header ${name} must be ${form}` })

export function readNumber({ headers }: FastifyRequest, name: string): number {
  const value = headers[name]
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw unreadable(name, 'a number of bytes')
  return Number(value)
}

const readFields = validator<UploadFields>(UploadFields)

/**
 * `filename`, `sha256` and the fields of a form, each with its value in base64; what else clients send along, their
 * word for the type say, is of no use here.
 */
export function readMetadata({ headers }: FastifyRequest): Omit<TusCreation, 'size'> {
  const header = headers['upload-metadata']
  if (header === undefined) return { name: '' }
  if (typeof header !== 'string' || header.length > 8000) throw unreadable('upload-metadata', 'shorter')
  const pairs = header.split(',').map((pair) => {
    const [key = '', value = '', ...rest] = pair.trim().split(' ')
    if (key === '' || rest.length > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
      throw unreadable('upload-metadata', 'a list of names with values in base64')
    }
    return [key, Buffer.from(value, 'base64').toString('utf8')] as const
  })
  const values = new Map(pairs)
  const sha256 = values.get('sha256')?.toLowerCase()
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) throw unreadable('upload-metadata', 'right in its sha256')
  const said = Object.fromEntries(pairs.filter(([key]) => key === 'purpose' || key === 'visibility'))
  return { name: values.get('filename') ?? values.get('name') ?? '', sha256, ...readFields(said) }
}

export function readChecksum({ headers }: FastifyRequest): Checksum | undefined {
  const header = headers['upload-checksum']
  if (header === undefined) return undefined
  const [algorithm = '', value = ''] = String(header).trim().split(' ')
  if (!(checksumAlgorithms as readonly string[]).includes(algorithm) || value === '') {
    throw unreadable('upload-checksum', `one of ${checksumAlgorithms.join(', ')} and its value in base64`)
  }
  return { algorithm, digest: Buffer.from(value, 'base64') }
}
