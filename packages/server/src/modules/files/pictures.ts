import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { AppError } from '../../platform/errors.ts'
import { type Images, PictureRefusal, type RenderRequest } from '../../platform/images/images.ts'
import { type PictureType, pictureTypes } from '../../platform/images/picture-type.ts'
import { type ByteRange, derivedKey, type Storage } from '../../platform/storage/storage.ts'
import { fileErrors } from './files.errors.ts'
import type { FileRow } from './files.repository.ts'
import type { VariantQuery } from './pictures.schema.ts'
import type { FileFacts, NewUpload, StagedFile, Uploads } from './uploads.ts'

interface PicturesDependencies {
  images: Images
  storage: Storage
  uploads: Uploads
  /** Whether there is such a file still. */
  isThere(fileId: string): Promise<boolean>
}

/** The picture of a person or of a conversation: a square, as large as it is ever shown. */
const face: RenderRequest = { width: 512, height: 512, fit: 'cover', format: 'webp' }

/** A variant; its bytes where they could not be stored. */
interface Made {
  size: number
  bytes?: Buffer
}

const part = (bytes: Buffer, range?: ByteRange) => (range ? bytes.subarray(range.start, range.end + 1) : bytes)

const isPictureType = (type: string): type is PictureType => pictureTypes.some((each) => each === type)

/** What is done with files that are pictures. */
export class Pictures {
  readonly #deps: PicturesDependencies
  /** Variants that are being made: many first requests at once make one. */
  readonly #making = new Map<string, Promise<Made>>()

  constructor(deps: PicturesDependencies) {
    this.#deps = deps
  }

  get maxBytes(): number {
    return this.#deps.images.maxBytes
  }

  /**
   * Before an upload becomes a file: how large a picture is; and what is sent to others loses its metadata. What cannot
   * be read, or is too large to be shown, stays a file like any other. Throws busy.
   */
  async prepare(staged: StagedFile): Promise<{ staged: StagedFile; facts: FileFacts }> {
    const { images, storage } = this.#deps
    if (!isPictureType(staged.contentType) || staged.size > images.maxBytes) return { staged, facts: {} }
    const source = async () => buffer(await storage.open(staged.storageKey))
    try {
      if (staged.purpose !== 'attachment') {
        const { width, height } = await images.inspect(source)
        return { staged, facts: { width, height } }
      }
      const { bytes, isChanged, isWithinLimits, width, height } = await images.clean(source)
      const facts = isWithinLimits ? { width, height } : {}
      if (!isChanged) return { staged, facts }
      await storage.put(staged.storageKey, [bytes])
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      return { staged: { ...staged, size: bytes.length, sha256 }, facts }
    } catch (error) {
      if (!(error instanceof PictureRefusal)) throw error
      return { staged, facts: error.reason === 'too_large' ? {} : { content_type: 'application/octet-stream' } }
    }
  }

  /**
   * A square picture, made anew from the bytes of any other and stored for `uploads.admit`. Throws file_type_not_allowed,
   * file_too_large, busy, and what `stage` throws.
   */
  async stageFace(
    upload: Omit<NewUpload, 'name' | 'visibility'>,
    bytes: Buffer,
  ): Promise<{ staged: StagedFile; facts: FileFacts }> {
    const { images, uploads } = this.#deps
    const made = await images.render(bytes, face).catch(refused)
    const staged = await uploads.stage({ ...upload, name: 'picture.webp', visibility: 'private' }, [made.bytes])
    return { staged, facts: { width: made.width, height: made.height } }
  }

  /** A picture in another size, kept from the first time on. Throws file_type_not_allowed, file_too_large, busy. */
  async variant(row: FileRow, { w, h, fit = 'cover', format = 'webp' }: VariantQuery) {
    const { storage } = this.#deps
    if (row.width === null) throw notAPicture()
    const name = `${w ?? 'any'}x${h ?? 'any'}-${fit}.${format}`
    const key = derivedKey(row.storage_key, name)
    const size = { ...(w === undefined ? {} : { width: w }), ...(h === undefined ? {} : { height: h }) }
    const request = { ...((w ?? h) ? size : { width: row.width }), fit, format }
    const made: Made = (await storage.find(key)) ?? (await this.#makeOnce(key, row, request))
    const { bytes } = made
    return {
      contentType: `image/${format}`,
      size: made.size,
      etag: `"${row.sha256}-${name}"`,
      open: async (range?: ByteRange) => (bytes ? Readable.from([part(bytes, range)]) : storage.open(key, range)),
    }
  }

  #makeOnce(key: string, row: FileRow, request: RenderRequest): Promise<Made> {
    const known = this.#making.get(key)
    if (known) return known
    const making = this.#make(key, row, request).finally(() => this.#making.delete(key))
    this.#making.set(key, making)
    return making
  }

  async #make(key: string, row: FileRow, request: RenderRequest): Promise<Made> {
    const { images, storage, isThere } = this.#deps
    const source = async () => buffer(await storage.open(row.storage_key))
    const { bytes } = await images.render(source, request).catch(refused)
    try {
      await storage.put(key, [bytes])
    } catch (error) {
      // Where nothing can be kept, a full disk say, it can still be shown.
      if (!(error instanceof AppError)) throw error
      return { size: bytes.length, bytes }
    }
    // Deleted while it was being made: then nobody else would ever remove it.
    if (!(await isThere(row.id))) await storage.remove(row.storage_key)
    return { size: bytes.length }
  }
}

const notAPicture = (cause?: unknown) =>
  fileErrors.file_type_not_allowed({ detail: 'Pictures are JPEG, PNG, GIF or WebP, by their content', cause })

function refused(error: unknown): never {
  if (!(error instanceof PictureRefusal)) throw error
  const { reason, message, cause } = error
  if (reason === 'too_large') throw fileErrors.file_too_large({ detail: message, cause })
  throw reason === 'no_picture' ? notAPicture(cause) : fileErrors.file_type_not_allowed({ detail: message, cause })
}
