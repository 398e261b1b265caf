import { availableParallelism } from 'node:os'
import type { Sharp, SharpConstructor, SharpOptions } from 'sharp'
import { withoutMetadata } from './metadata-free.ts'
import { type PictureType, sniffPicture } from './picture-type.ts'
import { WorkQueue } from './work-queue.ts'

/** Bytes, or how to get them: then they are read when their turn has come, and a long line holds no pictures. */
export type PictureSource = Buffer | (() => Promise<Buffer>)

export interface Picture {
  type: PictureType
  /** As people see it: turned as the camera says. */
  width: number
  height: number
  /** 1 for a still picture. */
  frames: number
  hasAlpha: boolean
}

export type RenderFormat = 'webp' | 'jpeg' | 'png'

export interface RenderRequest {
  /** At least one of them. A picture is never made larger than it is. */
  width?: number
  height?: number
  /** `cover`: fills the box, the middle is kept. `contain`: all of it, within the box. */
  fit: 'cover' | 'contain'
  format: RenderFormat
}

export interface Cleaned {
  bytes: Buffer
  isChanged: boolean
  /** False: it cannot be rendered. */
  isWithinLimits: boolean
}

export interface Rendered {
  bytes: Buffer
  type: PictureType
  width: number
  height: number
}

/** Why a picture is not worked on: it is none, is damaged, or would cost too much. */
export class PictureRefusal extends Error {
  override readonly name = 'PictureRefusal'
  readonly reason: 'no_picture' | 'damaged' | 'too_large'

  constructor(reason: PictureRefusal['reason'], detail: string, cause?: unknown) {
    super(detail, { cause })
    this.reason = reason
  }
}

export interface ImageLimits {
  bytes: number
  /** Of width and of height. */
  side: number
  /** Of one frame. A cell phone's 50 megapixels pass. */
  pixels: number
  frames: number
}

export const imageLimits: ImageLimits = { bytes: 32 * 1024 * 1024, side: 16_384, pixels: 51_000_000, frames: 1_000 }

const waitingLimits = { waiting: 64, maxWaitMs: 15_000 }
const secondsToDecode = 15

/** The one door to the decoder: these four loaders are open, the hundred others (SVG, PDF, TIFF, HEIF …) never are. */
const loaders = ['JpegBuffer', 'PngBuffer', 'WebpBuffer', 'NsgifBuffer'].map((name) => `VipsForeignLoad${name}`)

let loading: Promise<SharpConstructor> | undefined

async function loadSharp(): Promise<SharpConstructor> {
  const { default: sharp } = await import('sharp')
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders })
  // Each picture has one thread, how many run at once is the queue's to say; a cache would only keep memory.
  sharp.concurrency(1)
  sharp.cache(false)
  return sharp
}

/**
 * Looks at pictures and makes smaller ones, in the decoder's own threads. Nothing is decoded before type, size and
 * number of frames were read from the headers and are within the limits. What comes out is made anew from the pixels,
 * in sRGB, turned as the camera says and still: the first frame of an animation, no EXIF, no place, no profile, no
 * comment, nothing that was hidden behind the picture.
 */
export class Images {
  readonly #limits: ImageLimits
  readonly #queue: WorkQueue
  /** Pictures that reached the decoder since the start, so that tests can tell what was refused before. */
  decoded = 0

  constructor(limits: Partial<ImageLimits> = {}, queue: Partial<typeof waitingLimits & { running: number }> = {}) {
    this.#limits = { ...imageLimits, ...limits }
    this.#queue = new WorkQueue({ running: Math.max(1, availableParallelism() - 1), ...waitingLimits, ...queue })
  }

  get maxBytes(): number {
    return this.#limits.bytes
  }

  /** Throws PictureRefusal, and busy. */
  inspect(source: PictureSource): Promise<Picture> {
    return this.#queue.run(async () => {
      const { orientation: _, ...picture } = await this.#inspect(await open(source))
      return picture
    })
  }

  /** Throws PictureRefusal, and busy. */
  render(source: PictureSource, request: RenderRequest): Promise<Rendered> {
    return this.renderAll(source, [request]).then(([rendered]) => rendered as Rendered)
  }

  /** Several from one source in one turn, in the order of the requests. Throws PictureRefusal, and busy. */
  renderAll(source: PictureSource, requests: readonly RenderRequest[]): Promise<Rendered[]> {
    return this.#queue.run(async () => {
      const bytes = await open(source)
      const picture = await this.#inspect(bytes)
      this.decoded++
      const all: Rendered[] = []
      for (const request of requests) all.push(await this.#render(bytes, picture, request))
      return all
    })
  }

  /**
   * The file itself, every pixel and frame of it, without its metadata; nothing is decoded for that, so it may be larger
   * than what is rendered. Throws PictureRefusal, and busy.
   */
  clean(source: PictureSource): Promise<Picture & Cleaned> {
    return this.#queue.run(async () => {
      const bytes = await open(source)
      const { orientation, ...picture } = await this.#read(bytes)
      try {
        const cleaned = withoutMetadata(bytes, picture.type, orientation)
        return {
          ...picture,
          bytes: cleaned,
          isChanged: !cleaned.equals(bytes),
          isWithinLimits: this.#isWithin(picture),
        }
      } catch (error) {
        throw damaged(error)
      }
    })
  }

  async #inspect(bytes: Buffer): Promise<Picture & { orientation: number }> {
    const picture = await this.#read(bytes)
    if (this.#isWithin(picture)) return picture
    const { side, pixels, frames } = this.#limits
    const most = `${Math.floor(pixels / 1_000_000)} megapixels, ${side} pixels a side and ${frames} frames`
    const found = `${picture.width} × ${picture.height} pixels and ${picture.frames} frames`
    throw new PictureRefusal('too_large', `A picture may have up to ${most}; this one has ${found}`)
  }

  #isWithin({ width, height, frames }: Picture): boolean {
    const { side, pixels, frames: maxFrames } = this.#limits
    return width <= side && height <= side && width * height <= pixels && frames <= maxFrames
  }

  async #read(bytes: Buffer): Promise<Picture & { orientation: number }> {
    const { bytes: maxBytes } = this.#limits
    const type = sniffPicture(bytes)
    if (!type) throw new PictureRefusal('no_picture', 'This is no JPEG, PNG, GIF or WebP picture')
    if (bytes.length > maxBytes) {
      throw new PictureRefusal('too_large', `Pictures may have up to ${Math.floor(maxBytes / 1024 / 1024)} MiB`)
    }
    const found = await this.#open(bytes, { limitInputPixels: false }).then((sharp) => readable(sharp.metadata()))
    const { width, height } = found.autoOrient
    const frames = found.pages ?? 1
    if (`image/${found.format}` !== type) throw new PictureRefusal('no_picture', 'This picture is not what it says')
    return { type, width, height, frames, hasAlpha: found.hasAlpha, orientation: found.orientation ?? 1 }
  }

  async #render(bytes: Buffer, picture: Picture, { fit, format, ...box }: RenderRequest): Promise<Rendered> {
    const sharp = await this.#open(bytes, { limitInputPixels: this.#limits.pixels })
    sharp.timeout({ seconds: secondsToDecode }).autoOrient()
    if (fit === 'contain') sharp.resize({ ...box, fit: 'inside', withoutEnlargement: true })
    else sharp.resize({ ...within(picture, box), fit: 'cover' })
    if (format === 'webp') sharp.webp({ quality: 82 })
    else if (format === 'jpeg') sharp.flatten({ background: 'white' }).jpeg({ quality: 84, progressive: true })
    else sharp.png()
    const { data, info } = await readable(sharp.toBuffer({ resolveWithObject: true }))
    return { bytes: data, type: `image/${format}`, width: info.width, height: info.height }
  }

  async #open(bytes: Buffer, options: SharpOptions): Promise<Sharp> {
    loading ??= loadSharp()
    const sharp = await loading
    // Damage that ends a picture early is refused; what cameras do to every second file is not.
    return sharp(bytes, { failOn: 'error', pages: 1, ...options })
  }
}

const open = (source: PictureSource): Promise<Buffer> | Buffer => (typeof source === 'function' ? source() : source)

interface Box {
  width?: number
  height?: number
}

/** The box in its own shape, made smaller where the picture is: a square stays a square. */
function within(picture: Picture, { width, height }: Box): Box {
  const ratio = Math.min(1, picture.width / (width ?? 1), picture.height / (height ?? 1))
  const scaled = (side: number) => Math.max(1, Math.round(side * ratio))
  return {
    ...(width === undefined ? {} : { width: scaled(width) }),
    ...(height === undefined ? {} : { height: scaled(height) }),
  }
}

const damaged = (cause: unknown) => new PictureRefusal('damaged', 'The picture is damaged and cannot be read', cause)

/** What the decoder says of a file is about the file. */
const readable = <T>(result: Promise<T>): Promise<T> =>
  result.catch((error: unknown) => {
    throw damaged(error)
  })
