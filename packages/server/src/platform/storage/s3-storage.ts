import { Readable } from 'node:stream'
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { AppError, platformErrors } from '../errors.ts'
import { newId } from '../ids.ts'
import { Breaker } from './breaker.ts'
import { Pieces, Watched } from './byte-sources.ts'
import type { DirectUpload, DirectUploads } from './direct-uploads.ts'
import { answerMs, patienceFor, stallMs, uploadSender } from './s3-patience.ts'
import {
  assertKey,
  type ByteRange,
  type ByteSource,
  derivedKey,
  isKey,
  NoSuchObjectError,
  type PartialObject,
  type Storage,
  type StoredObject,
} from './storage.ts'

export interface S3Config {
  kind: 's3'
  bucket: string
  region: string
  /** Undefined: Amazon's own, by region. */
  endpoint: string | undefined
}

export interface S3Credentials {
  accessKeyId: string
  secretAccessKey: string
}

/** Other things may lie in the bucket. */
const prefix = 'atrium/'
const partBytes = 8 * 1024 * 1024
/** A process that is killed loses no more of an upload that goes on. */
const segmentBytes = 32 * 1024 * 1024
const incoming = 'incoming'
/** By which an attempt to store finds out whether it was itself that did. */
const attemptMark = 'attempt'

/** The SDK is large: it is loaded when the first byte is stored or read. */
const loadSdk = async () => {
  const [s3, { Upload }, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
    import('@aws-sdk/s3-request-presigner'),
  ])
  return { ...s3, Upload, getSignedUrl }
}
type Sdk = Awaited<ReturnType<typeof loadSdk>>

interface Opened {
  sdk: Sdk
  client: S3Client
  /** For bytes on their way to the bucket: not limited by how long they take, but by how long nothing moves. */
  writer: S3Client
  signer: S3Client
}

/** Objects in a bucket of anything that speaks S3. */
export class S3Storage implements Storage, DirectUploads {
  readonly kind = 's3'
  readonly #config: S3Config
  readonly #credentials: S3Credentials | undefined
  readonly #breaker = new Breaker()
  #opened: Promise<Opened> | undefined

  constructor(config: S3Config, credentials: S3Credentials | undefined) {
    this.#config = config
    this.#credentials = credentials
  }

  async put(key: string, source: ByteSource): Promise<void> {
    const watched = new Watched(source)
    const attempt = newId()
    await this.#ask(async (opened) => {
      const { sdk } = opened
      const params = {
        ...this.#place(key),
        Body: Readable.from(watched, { objectMode: false }),
        Metadata: { [attemptMark]: attempt },
      }
      const sender = uploadSender(opened, () => watched.size)
      const parts = { partSize: partBytes, queueSize: 2, leavePartsOnError: false }
      const upload = new sdk.Upload({ client: sender as unknown as S3Client, params, ...parts })
      try {
        await upload.done()
      } catch (error) {
        // The bucket may have done it, and only its answer was lost: the second attempt finds nothing to complete.
        if (!sender.isCompleting || !(await this.#isOf(opened, key, attempt))) throw error
      }
    }, watched)
    const stored = await this.find(key)
    if (stored?.size === watched.size) return
    await this.remove(key).catch(() => undefined)
    throw away(new Error(`${stored?.size} bytes of ${watched.size} were kept`))
  }

  async #isOf({ sdk, client }: Opened, key: string, attempt: string): Promise<boolean> {
    const found = await client.send(new sdk.HeadObjectCommand(this.#place(key))).catch(() => undefined)
    return found?.Metadata?.[attemptMark] === attempt
  }

  async append(
    key: string,
    partial: PartialObject,
    source: ByteSource,
    onProgress: (partial: PartialObject) => Promise<void>,
  ): Promise<PartialObject> {
    let current = partial
    const pieces = new Pieces(source, segmentBytes)
    while (await pieces.hasMore()) {
      const segment = segmentKey(key, current.received)
      const piece = pieces.next()
      await this.put(segment, piece)
      current = { received: current.received + piece.size, state: null }
      await onProgress(current)
    }
    return current
  }

  async complete(key: string, { received }: PartialObject, observe: (chunk: Uint8Array) => void): Promise<void> {
    if (await this.find(key)) {
      for await (const chunk of await this.open(key)) observe(chunk as Uint8Array)
      return
    }
    await this.put(key, this.#joined(key, received, observe))
    await this.#removeDerived(key)
  }

  async *#joined(key: string, size: number, observe: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; ) {
      const before = at
      for await (const chunk of await this.open(segmentKey(key, at))) {
        observe(chunk as Uint8Array)
        at += (chunk as Uint8Array).length
        yield chunk as Uint8Array
      }
      if (at === before) throw new NoSuchObjectError(segmentKey(key, at))
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    return this.#ask(async ({ sdk, client }) => {
      const part = range ? { Range: `bytes=${range.start}-${range.end}` } : {}
      const { Body } = await client.send(new sdk.GetObjectCommand({ ...this.#place(key), ...part }))
      return Body as Readable
    }, key)
  }

  async find(key: string): Promise<StoredObject | undefined> {
    try {
      const found = await this.#ask(({ sdk, client }) => client.send(new sdk.HeadObjectCommand(this.#place(key))), key)
      return { key, size: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date() }
    } catch (error) {
      if (error instanceof NoSuchObjectError) return undefined
      throw error
    }
  }

  async remove(key: string): Promise<void> {
    await this.#removeDerived(key)
    await this.#ask(({ sdk, client }) => client.send(new sdk.DeleteObjectCommand(this.#place(key))))
  }

  async #removeDerived(key: string): Promise<void> {
    assertKey(key)
    for await (const { key: derived } of this.#list(`${key}.d/`)) {
      await this.#ask(({ sdk, client }) => client.send(new sdk.DeleteObjectCommand(this.#place(derived))))
    }
  }

  list(): AsyncIterable<StoredObject> {
    return this.#list('')
  }

  async *#list(beginning: string): AsyncGenerator<StoredObject> {
    let token: string | undefined
    do {
      const page = await this.#ask(({ sdk, client }) => {
        const query = { Bucket: this.#config.bucket, Prefix: prefix + beginning, ContinuationToken: token }
        return client.send(new sdk.ListObjectsV2Command(query))
      })
      for (const { Key = '', Size = 0, LastModified = new Date() } of page.Contents ?? []) {
        const key = Key.slice(prefix.length)
        if (isKey(key)) yield { key, size: Size, modifiedAt: LastModified }
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  /** Parts of uploads that died with their process; buckets with a lifecycle rule do it by themselves. */
  async clean(): Promise<number> {
    return 0
  }

  async check(): Promise<void> {
    await this.#ask(({ sdk, client }) => client.send(new sdk.HeadBucketCommand({ Bucket: this.#config.bucket })))
  }

  /** Where an object would be seen by anybody, if the bucket were open. */
  async plainAddress(key: string): Promise<URL> {
    return this.#ask(async ({ sdk, signer }) => {
      const url = new URL(await sdk.getSignedUrl(signer, new sdk.GetObjectCommand(this.#place(key))))
      url.search = ''
      return url
    })
  }

  async presign(key: string, upload: DirectUpload): Promise<{ url: string; headers: Record<string, string> }> {
    return this.#ask(async ({ sdk, signer }) => {
      const sum = upload.sha256 ? Buffer.from(upload.sha256, 'hex').toString('base64') : undefined
      const params = {
        ...this.#place(derivedKey(key, incoming)),
        ...{ ContentLength: upload.size, ContentType: upload.contentType },
        ...(sum === undefined ? {} : { ChecksumSHA256: sum }),
      }
      const url = await sdk.getSignedUrl(signer, new sdk.PutObjectCommand(params), {
        expiresIn: upload.expiresIn,
        signableHeaders: new Set(['content-type', 'content-length']),
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      })
      const headers = {
        'content-type': upload.contentType,
        ...(sum === undefined ? {} : { 'x-amz-checksum-sha256': sum }),
      }
      return { url, headers }
    })
  }

  /** Moved away from where the client may write again, before it is looked at. */
  async adopt(key: string, observe: (chunk: Uint8Array) => void): Promise<void> {
    const from = derivedKey(key, incoming)
    if (!(await this.find(key))) {
      const size = (await this.find(from))?.size ?? 0
      await this.#ask(({ sdk, client }) => {
        const CopySource = `${this.#config.bucket}/${prefix}${from}`
        const copy = new sdk.CopyObjectCommand({ ...this.#place(key), CopySource })
        return client.send(copy, { requestTimeout: patienceFor(size) })
      }, from)
    }
    for await (const chunk of await this.open(key)) observe(chunk as Uint8Array)
    await this.#removeDerived(key)
  }

  #place(key: string): { Bucket: string; Key: string } {
    assertKey(key)
    return { Bucket: this.#config.bucket, Key: prefix + key }
  }

  async #ask<T>(work: (opened: Opened) => Promise<T>, about?: string | Watched): Promise<T> {
    this.#opened ??= this.#open()
    const opened = await this.#opened
    this.#breaker.assertClosed()
    try {
      const answer = await work(opened)
      this.#breaker.succeeded()
      return answer
    } catch (error) {
      // What the source threw is not the storage's doing.
      if (about instanceof Watched && about.failure !== undefined) throw about.failure
      if (error instanceof AppError || error instanceof NoSuchObjectError) throw error
      if (isMissing(error)) {
        this.#breaker.succeeded()
        if (typeof about === 'string') throw new NoSuchObjectError(about)
      } else this.#breaker.failed()
      throw away(error)
    }
  }

  async #open(): Promise<Opened> {
    const sdk = await loadSdk()
    const { region, endpoint } = this.#config
    const options: S3ClientConfig = {
      region,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(this.#credentials ? { credentials: this.#credentials } : {}),
      maxAttempts: 2,
    }
    const limits = { connectionTimeout: 2_000, throwOnRequestTimeout: true }
    const client = new sdk.S3Client({ ...options, requestHandler: { ...limits, requestTimeout: answerMs } })
    const writer = new sdk.S3Client({ ...options, requestHandler: { ...limits, socketTimeout: stallMs } })
    // What people send themselves has no checksum of ours.
    const signer = new sdk.S3Client({ ...options, requestChecksumCalculation: 'WHEN_REQUIRED' })
    return { sdk, client, writer, signer }
  }
}

const segmentKey = (key: string, at: number): string => derivedKey(key, `part-${String(at).padStart(15, '0')}`)

const away = (cause: unknown) =>
  platformErrors.unavailable({ detail: 'The storage of files is not reachable', cause, members: { retry_after: 5 } })

const isMissing = (error: unknown): boolean => {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  return name === 'NoSuchKey' || name === 'NotFound' || ($metadata?.httpStatusCode === 404 && name !== 'NoSuchBucket')
}
