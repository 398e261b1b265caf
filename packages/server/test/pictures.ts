import { crc32, deflateSync } from 'node:zlib'
import sharp, { type OverlayOptions, type SharpInput } from 'sharp'

type Kind = 'jpeg' | 'png' | 'webp' | 'gif'
const colours = { red: '#e03131', blue: '#1c7ed6', green: '#2f9e44' }

/** A picture of one colour, or with its left half in another one. */
export async function picture(
  width: number,
  height: number,
  kind: Kind = 'png',
  { background = colours.red, left }: { background?: string; left?: string } = {},
): Promise<Buffer> {
  const made = sharp({ create: { width, height, channels: 3, background } })
  const half = { width: Math.ceil(width / 2), height, channels: 3, background: left ?? background } as const
  const halves: OverlayOptions[] = left ? [{ input: { create: half }, left: 0, top: 0 }] : []
  return made.composite(halves).toFormat(kind).toBuffer()
}

/** Half blue, half red, lying on its side as cameras store it, with the place where it was taken and a comment. */
export async function photoWithPlace(kind: 'jpeg' | 'png' | 'webp' = 'jpeg'): Promise<Buffer> {
  const exif = {
    IFD0: { ImageDescription: 'secret-garden', Copyright: 'secret-name', Make: 'secret-camera' },
    IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N', GPSLongitude: '0/1 7/1 0/1', GPSLongitudeRef: 'W' },
  }
  const flat = await sharp(await raw(80, 40, 'blue', 'red'), { raw: { width: 80, height: 40, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .withExifMerge(exif)
    .toFormat(kind)
    .toBuffer()
  if (kind !== 'jpeg') return flat
  const comment = Buffer.from('secret-comment')
  return Buffer.concat([
    flat.subarray(0, 2),
    Buffer.from([0xff, 0xfe, 0, comment.length + 2]),
    comment,
    flat.subarray(2),
  ])
}

async function raw(width: number, height: number, left: keyof typeof colours, right: keyof typeof colours) {
  const pixel = (colour: string) => Buffer.from(colour.slice(1), 'hex')
  const halves = [pixel(colours[left]), pixel(colours[right])] as const
  const pixels = Array.from({ length: width * height }, (_, at) => halves[at % width < width / 2 ? 0 : 1])
  return Buffer.concat(pixels)
}

export async function animation(frames: number, kind: 'gif' | 'webp' = 'gif', side = 40): Promise<Buffer> {
  const pages = Array.from({ length: frames }, (_, at) => ({
    create: {
      width: side,
      height: side,
      channels: 4 as const,
      background: { r: (at * 40) % 256, g: 80, b: 80, alpha: 1 },
    },
  }))
  return sharp(pages as unknown as SharpInput[], { join: { animated: true } })
    .toFormat(kind, { loop: 0, delay: 50 })
    .toBuffer()
}

function pngChunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const around = Buffer.alloc(8)
  around.writeUInt32BE(content.length, 0)
  around.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)])
}

/** A PNG that says how large it is; `data` is its packed rows, `extra` are chunks before them. */
export function rawPng(
  width: number,
  height: number,
  data = deflateSync(Buffer.alloc(1000)),
  extra: readonly (readonly [name: string, content: Buffer])[] = [],
): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.writeUInt8(8, 8)
  header.writeUInt8(2, 9)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...extra.map(([name, content]) => pngChunk(name, content)),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** A small JPEG whose header promises 64 250 x 64 250 pixels: 12 GB once decoded. */
export async function hugeJpeg(): Promise<Buffer> {
  const bytes = await picture(8, 8, 'jpeg')
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
  bytes.writeUInt16BE(64_250, frame + 5)
  bytes.writeUInt16BE(64_250, frame + 7)
  return bytes
}

/** A GIF that a browser also runs as a script: `GIF89a/*` … `*\/=1;alert(1)`. */
export async function scriptGif(): Promise<Buffer> {
  const bytes = await picture(4, 4, 'gif')
  bytes.write('/*', 6, 'latin1')
  bytes.writeUInt16LE(4, 8)
  return Buffer.concat([bytes, Buffer.from('*/=1;alert(document.domain)//')])
}

export const svgPicture = Buffer.from(
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"><script>alert(1)</script></svg>',
)
