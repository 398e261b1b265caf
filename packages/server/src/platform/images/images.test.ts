import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { animation, hugeJpeg, photoWithPlace, picture, rawPng, scriptGif, svgPicture } from '../../../test/pictures.ts'
import { Images, type RenderFormat } from './images.ts'

const reasonOf = (refused: Promise<unknown>) =>
  refused.then(
    () => 'none',
    (error: { reason?: string; code?: string }) => error.reason ?? error.code,
  )
const small = { width: 64, height: 64, fit: 'cover', format: 'webp' } as const
const dominant = async (bytes: Buffer) => {
  const { r, b } = (await sharp(bytes).stats()).dominant
  return r > b ? 'red' : 'blue'
}

describe('looking at a picture', () => {
  it.each(['jpeg', 'png', 'webp', 'gif'] as const)('F03 tells %s by its bytes, with size and frames', async (kind) => {
    const found = await new Images().inspect(await picture(30, 20, kind))
    expect(found).toMatchObject({ type: `image/${kind}`, width: 30, height: 20, frames: 1 })
  })

  it.each([
    ['an SVG with a script', svgPicture],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj\n')],
    ['a script', Buffer.from('alert(1)')],
    ['a TIFF', Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0\0\0', 'latin1')],
    ['a Windows bitmap', Buffer.from('BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0', 'latin1')],
    ['an AVIF', Buffer.from('\0\0\0\x1cftypavif\0\0\0\0mif1avif', 'latin1')],
    ['nothing', Buffer.alloc(0)],
  ])('M45: %s is no picture, and no loader is asked', async (_name, bytes) => {
    expect(await reasonOf(new Images().inspect(bytes))).toBe('no_picture')
  })

  it('FI1: loaders other than the four stay shut, whatever comes by', async () => {
    await new Images().inspect(await picture(4, 4))
    await expect(sharp(svgPicture).metadata()).rejects.toThrow('unsupported image format')
  })

  it.each([
    ['30000 x 30000 PNG', async () => rawPng(30_000, 30_000)],
    ['a pixel flood of a JPEG', hugeJpeg],
    ['a long thin PNG', async () => rawPng(2_000_000, 1)],
    ['60 megapixels', async () => rawPng(10_000, 6_000)],
    ['1200 frames', () => animation(1200, 'gif', 2)],
  ])('M46: %s is refused before anything is decoded', async (_name, make) => {
    const images = new Images()
    expect(await reasonOf(images.render(await make(), small))).toBe('too_large')
    expect(images.decoded).toBe(0)
  })

  it('M46: more bytes than a picture may have', async () => {
    const images = new Images({ bytes: 1000 })
    expect(await reasonOf(images.inspect(Buffer.concat([await picture(4, 4), Buffer.alloc(1000)])))).toBe('too_large')
  })

  // The rows themselves, and texts and profiles beside them.
  it.each([
    ['rows', () => rawPng(10, 10, deflateSync(Buffer.alloc(200_000_000)))],
    ['a text', () => rawPng(10, 10, deflateSync(Buffer.alloc(310)), [['zTXt', packedText]])],
    ['a profile', () => rawPng(10, 10, deflateSync(Buffer.alloc(310)), [['iCCP', packedText]])],
  ])('M46: %s of a PNG that unpack to 200 MB cost no 100 MB', async (_name, make) => {
    const bytes = make()
    const before = process.memoryUsage.rss()
    await reasonOf(new Images().render(bytes, small))
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
  })
})

const packedText = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.alloc(200_000_000))])

describe('making pictures', () => {
  it.each(['webp', 'jpeg', 'png'] as const)(
    'FI1 F02: as %s upright and without a word beside the pixels',
    async (format) => {
      for (const kind of ['jpeg', 'png', 'webp'] as const) {
        const photo = await photoWithPlace(kind)
        expect(photo.toString('latin1')).toContain('secret-garden')
        const made = await new Images().render(photo, { width: 64, fit: 'contain', format })
        // Stored 80 wide and 40 high with orientation 6: people see it standing, blue above red.
        expect(made).toMatchObject({ type: `image/${format}`, width: 40, height: 80 })
        expect(await sharp(made.bytes).metadata()).toMatchObject({ width: 40, height: 80, format })
        const about = await sharp(made.bytes).metadata()
        expect([about.exif, about.icc, about.xmp, about.iptc, about.orientation]).toEqual(Array(5).fill(undefined))
        expect(made.bytes.toString('latin1')).not.toContain('secret')
        const top = await sharp(made.bytes).extract({ left: 0, top: 0, width: 40, height: 30 }).png().toBuffer()
        expect(await dominant(top)).toBe('blue')
      }
    },
  )

  it('FI1: of a GIF that is a script too, nothing of the script is left', async () => {
    const made = await new Images().render(await scriptGif(), { ...small, format: 'png' })
    expect(made.bytes.toString('latin1')).not.toContain('alert')
    expect(made.bytes.subarray(1, 4).toString()).toBe('PNG')
  })

  it('an animation becomes its first frame', async () => {
    for (const kind of ['gif', 'webp'] as const) {
      const moving = await animation(5, kind)
      expect(await new Images().inspect(moving)).toMatchObject({ frames: 5, width: 40, height: 40 })
      const made = await new Images().render(moving, small)
      expect((await sharp(made.bytes).metadata()).pages ?? 1).toBe(1)
    }
  })

  it.each<[string, () => Promise<Buffer>]>([
    [
      'CMYK',
      () =>
        sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
          .toColourspace('cmyk')
          .jpeg()
          .toBuffer(),
    ],
    [
      '16 bits a channel',
      () =>
        sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
          .toColourspace('rgb16')
          .png()
          .toBuffer(),
    ],
    [
      'grey',
      () =>
        sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
          .greyscale()
          .png()
          .toBuffer(),
    ],
  ])('F03: %s comes out as every browser shows it', async (_name, make) => {
    const made = await new Images().render(await make(), { ...small, format: 'jpeg' })
    expect(await sharp(made.bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3, depth: 'uchar' })
  })

  it('what was see-through is white as JPEG and stays so as WebP', async () => {
    const glass = await sharp({
      create: { width: 9, height: 9, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer()
    const jpeg = await new Images().render(glass, { ...small, format: 'jpeg' })
    expect((await sharp(jpeg.bytes).stats()).channels.map(({ min }) => min)).toEqual([255, 255, 255])
    expect((await sharp((await new Images().render(glass, small)).bytes).metadata()).hasAlpha).toBe(true)
  })

  it('fills or fits the box and never grows', async () => {
    const images = new Images()
    const wide = await picture(400, 200)
    const sizeOf = async (request: { width?: number; height?: number; fit: 'cover' | 'contain' }) => {
      const { width, height } = await images.render(wide, { ...request, format: 'webp' as RenderFormat })
      return `${width}x${height}`
    }
    expect(await sizeOf({ width: 64, height: 64, fit: 'cover' })).toBe('64x64')
    expect(await sizeOf({ width: 64, height: 64, fit: 'contain' })).toBe('64x32')
    expect(await sizeOf({ height: 128, fit: 'contain' })).toBe('256x128')
    expect(await sizeOf({ width: 512, height: 512, fit: 'cover' })).toBe('200x200')
    expect(await sizeOf({ width: 2048, height: 2048, fit: 'contain' })).toBe('400x200')
  })

  it('what is cut off or scrambled is damaged', async () => {
    const images = new Images()
    for (const kind of ['jpeg', 'png', 'webp', 'gif'] as const) {
      const whole = await animationOrNoise(kind)
      expect(await reasonOf(images.render(whole.subarray(0, whole.length / 2), small)), kind).toBe('damaged')
    }
  })
})

const animationOrNoise = async (kind: 'jpeg' | 'png' | 'webp' | 'gif') =>
  sharp({
    create: {
      width: 200,
      height: 200,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .toFormat(kind)
    .toBuffer()

describe('a file without its metadata', () => {
  it.each(['jpeg', 'png', 'webp'] as const)(
    'F02: a %s keeps its pixels and which way is up, and nothing else',
    async (kind) => {
      const photo = await photoWithPlace(kind)
      const { bytes, ...about } = await new Images().clean(photo)
      expect(about).toMatchObject({ type: `image/${kind}`, width: 40, height: 80 })
      expect(bytes.toString('latin1')).not.toContain('secret')
      expect(await sharp(bytes).raw().toBuffer()).toEqual(await sharp(photo).raw().toBuffer())
      expect((await sharp(bytes).metadata()).orientation).toBe(6)
      expect((await new Images().clean(bytes)).bytes).toEqual(bytes)
    },
  )

  it.each(['gif', 'webp'] as const)('an animated %s still moves, what was behind it is gone', async (kind) => {
    const moving = await animation(5, kind)
    const { bytes } = await new Images().clean(Buffer.concat([moving, Buffer.from('<script>secret</script>')]))
    expect(bytes.toString('latin1')).not.toContain('secret')
    const all = (file: Buffer) => sharp(file, { animated: true }).raw().toBuffer()
    expect(await all(bytes)).toEqual(await all(moving))
    const { delay, loop } = await sharp(moving).metadata()
    expect(await sharp(bytes).metadata()).toMatchObject({ pages: 5, delay, loop })
  })

  it('F02: a colour profile stays, comments of a GIF and texts of a PNG go', async () => {
    const wide = await sharp(await picture(9, 9))
      .withIccProfile('p3')
      .jpeg()
      .toBuffer()
    expect((await sharp((await new Images().clean(wide)).bytes).metadata()).icc).toBeDefined()
    const comment = Buffer.from('\x21\xfe\x06secret\0', 'latin1')
    const gif = await animation(2)
    const at = 13 + 3 * 2 ** ((gif.readUInt8(10) & 7) + 1)
    const hasTable = (gif.readUInt8(10) & 0x80) !== 0
    const start = hasTable ? at : 13
    const commented = Buffer.concat([gif.subarray(0, start), comment, gif.subarray(start)])
    expect((await new Images().clean(commented)).bytes).toEqual(gif)
    const text = Buffer.from('Comment\0secret', 'latin1')
    const png = rawPng(10, 10, deflateSync(Buffer.alloc(310)), [['tEXt', text]])
    expect((await new Images().clean(png)).bytes).toEqual(rawPng(10, 10, deflateSync(Buffer.alloc(310))))
  })

  it('an end that is missing is damage', async () => {
    for (const kind of ['jpeg', 'png', 'gif', 'webp'] as const) {
      const whole = await picture(30, 30, kind)
      expect(await reasonOf(new Images().clean(whole.subarray(0, -3))), kind).toBe('damaged')
    }
  })
})

describe('how much is done at once', () => {
  it('beyond the line the answer is busy, and who waits holds no bytes yet', async () => {
    const images = new Images({}, { running: 1, waiting: 1 })
    const bytes = await picture(30, 30)
    let release = () => {}
    const first = images.inspect(() => new Promise<Buffer>((resolve) => (release = () => resolve(bytes))))
    let isRead = false
    const second = images.inspect(async () => {
      isRead = true
      return bytes
    })
    expect(await reasonOf(images.inspect(bytes))).toBe('busy')
    expect(isRead).toBe(false)
    release()
    expect(await Promise.all([first, second])).toHaveLength(2)
    expect(isRead).toBe(true)
    expect(await images.inspect(bytes)).toMatchObject({ width: 30 })
  })

  it('who waits too long is told so', async () => {
    const images = new Images({}, { running: 1, waiting: 5, maxWaitMs: 1 })
    let release = () => {}
    const bytes = await picture(30, 30)
    const first = images.inspect(() => new Promise<Buffer>((resolve) => (release = () => resolve(bytes))))
    expect(await reasonOf(images.inspect(bytes))).toBe('busy')
    release()
    await first
  })
})
