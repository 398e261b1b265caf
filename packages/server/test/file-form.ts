import type { Answer, Visitor } from './test-app.ts'

export interface FormFile {
  name?: string
  type?: string
  bytes: Buffer | string
}

/** A form with a file, as a browser sends it; parts in the order given. */
export function fileForm(parts: readonly (readonly [field: string, value: string | FormFile])[]): {
  body: Buffer
  type: string
} {
  const boundary = '----atrium-test-boundary'
  const pieces = parts.flatMap(([field, value]) => {
    const isFile = typeof value !== 'string'
    const name = isFile ? `; filename="${(value.name ?? 'file').replaceAll('"', '%22')}"` : ''
    const type = isFile ? `\r\nContent-Type: ${value.type ?? 'application/octet-stream'}` : ''
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"${name}${type}\r\n\r\n`
    return [Buffer.from(head), Buffer.from(isFile ? value.bytes : value), Buffer.from('\r\n')]
  })
  return {
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  }
}

/** Uploads a file as a browser would. */
export function upload(
  who: Visitor,
  file: FormFile,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { body, type } = fileForm([['file', file], ...Object.entries(fields)])
  return who.send('POST', '/files', body, { 'content-type': type, ...headers })
}
