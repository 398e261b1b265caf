import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import S3rver from 's3rver'

/** What the service does to its callers. */
export type S3Fault = 'none' | 'down' | '503' | 'hangs' | 'resets' | 'changes bytes' | 'clock' | 'loses answer'

export interface S3Server {
  /** Settings of an Atrium that keeps its files there. */
  variables: Record<string, string>
  fault: S3Fault
  /** Whether it shows objects to those only who sign what they ask. */
  isClosed: boolean
  /** How long it takes to put the parts of an upload together. */
  completingMs: number
  close(): Promise<void>
}

const bucket = 'files'

/** A service that speaks S3, behind something that can break it. */
export async function startS3Server(): Promise<S3Server> {
  const directory = mkdtempSync(join(tmpdir(), 'atrium-s3-'))
  const options = {
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket, configs: [] }],
  }
  const service = new S3rver(options)
  const { port } = (await service.run()) as AddressInfo
  const state: S3Server = { variables: {}, fault: 'none', isClosed: false, completingMs: 0, close: async () => {} }
  const front = createServer((incoming, answer) =>
    pass(incoming, answer, port, isStranger(incoming, state) ? { ...state, fault: 'denies' } : state),
  )
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  state.variables = {
    S3_BUCKET: bucket,
    S3_ENDPOINT: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'S3RVER',
  }
  state.close = async () => {
    front.closeAllConnections()
    front.close()
    await service.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return state
}

const refusals = {
  denies: [403, 'AccessDenied', 'Access Denied'],
  '503': [503, 'SlowDown', 'Please reduce your request rate.'],
  clock: [403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'],
} as const

const isStranger = ({ headers, url }: IncomingMessage, { isClosed }: S3Server): boolean =>
  isClosed && headers.authorization === undefined && !url?.includes('X-Amz-Signature')

type Passing = Pick<S3Server, 'completingMs'> & { fault: S3Fault | 'denies' }

function pass(incoming: IncomingMessage, answer: ServerResponse, port: number, how: Passing): void {
  const { fault, completingMs } = how
  const isWrite = incoming.method === 'PUT' || incoming.method === 'POST'
  if (fault === 'down') return void incoming.socket.resetAndDestroy()
  if (fault === 'hangs') return void incoming.resume()
  if (fault === '503' || fault === 'clock' || fault === 'denies') {
    const [status, code, message] = refusals[fault]
    incoming.resume()
    answer.writeHead(status, { 'content-type': 'application/xml' })
    answer.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`)
    return
  }
  if (fault === 'changes bytes' && isWrite) return void verify(incoming, answer)
  const { method, url, headers } = incoming
  const isCompleting = method === 'POST' && url?.includes('uploadId=')
  if (isCompleting && completingMs > 0) {
    const later = () => answer.destroyed || pass(incoming, answer, port, { ...how, completingMs: 0 })
    // Who goes away meanwhile gets nothing put together.
    return void setTimeout(later, completingMs)
  }
  const outgoing = request({ host: '127.0.0.1', port, method, path: url, headers }, (found) => {
    if (isCompleting && fault === 'loses answer') return void incoming.socket.resetAndDestroy()
    answer.writeHead(found.statusCode ?? 500, found.headers)
    found.pipe(answer)
  })
  outgoing.on('error', () => answer.destroy())
  let seen = 0
  incoming.on('data', (chunk: Buffer) => {
    seen += chunk.length
    if (fault === 'resets' && isWrite && seen > 1000) {
      outgoing.destroy()
      incoming.socket.resetAndDestroy()
      return
    }
    outgoing.write(chunk)
  })
  incoming.on('end', () => outgoing.end())
  incoming.on('error', () => outgoing.destroy())
}

/** As S3 does, and the service behind us does not: bytes that are not those of the checksum are refused. */
async function verify(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const bytes = await buffer(incoming)
  bytes.fill('#', 0, 1)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes))
  const isTrue = incoming.headers['x-amz-checksum-crc32'] === sum.toString('base64')
  answer.writeHead(isTrue ? 200 : 400, { 'content-type': 'application/xml' })
  answer.end(isTrue ? '' : '<?xml version="1.0"?><Error><Code>BadDigest</Code><Message>x</Message></Error>')
}
