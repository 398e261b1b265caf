import { crc32 } from 'node:zlib'
import type { PictureType } from './picture-type.ts'

/**
 * The same picture, pixel for pixel and frame for frame, without what cameras and editors wrote beside it: place, time,
 * device, names, comments, thumbnails, and whatever was put behind its end. The colour profile stays, and of EXIF which
 * way is up. Throws for a file that is not built as its type demands.
 */
export function withoutMetadata(bytes: Buffer, type: PictureType, orientation: number): Buffer {
  return Buffer.concat(cleaners[type](bytes, orientation))
}

type Cleaner = (bytes: Buffer, orientation: number) => Buffer[]

const cleaners: Record<PictureType, Cleaner> = {
  'image/jpeg': cleanJpeg,
  'image/png': cleanPng,
  'image/gif': cleanGif,
  'image/webp': cleanWebp,
}

/** Which way is up, as the smallest TIFF there is: one directory with one entry (EXIF 2.32, tag 0x0112). */
function uprightness(orientation: number): Buffer | undefined {
  if (!(orientation >= 2 && orientation <= 8)) return undefined
  const tiff = Buffer.alloc(26)
  tiff.write('MM', 'latin1')
  tiff.writeUInt16BE(42, 2)
  tiff.writeUInt32BE(8, 4)
  tiff.writeUInt16BE(1, 8)
  tiff.writeUInt16BE(0x0112, 10)
  tiff.writeUInt16BE(3, 12)
  tiff.writeUInt32BE(1, 14)
  tiff.writeUInt16BE(orientation, 18)
  return tiff
}

// JPEG: markers FF xx, most with a length behind them; coded data follows SOS until the next marker.

const jfif = 0xe0
const exif = 0xe1
const profile = 0xe2
const adobe = 0xee

function cleanJpeg(bytes: Buffer, orientation: number): Buffer[] {
  const kept = [bytes.subarray(0, 2)]
  const upright = uprightness(orientation)
  const turn = upright && segment(exif, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), upright]))
  let at = 2
  let isTurned = turn === undefined
  for (;;) {
    if (bytes.readUInt8(at) !== 0xff) throw new Error('A marker was expected')
    while (bytes.readUInt8(at + 1) === 0xff) at++
    const marker = bytes.readUInt8(at + 1)
    if (marker === 0xd9) return [...kept, bytes.subarray(at, at + 2)]
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length || end < at + 4) throw new Error('A segment ends behind the file')
    const whole = bytes.subarray(at, end)
    const isFirst = marker === jfif && kept.length === 1
    if (!isTurned && !isFirst && turn) {
      kept.push(turn)
      isTurned = true
    }
    if (isPictureSegment(marker, whole.subarray(4))) kept.push(whole)
    at = end
    if (marker === 0xda) {
      at = endOfCoded(bytes, end)
      kept.push(bytes.subarray(end, at))
    }
  }
}

function isPictureSegment(marker: number, content: Buffer): boolean {
  if (marker === 0xfe) return false
  if (marker < 0xe0 || marker > 0xef) return true
  const name = content.toString('latin1', 0, 12)
  // A JFIF segment of 14 bytes has no thumbnail.
  if (marker === jfif) return name.startsWith('JFIF\0') && content.length === 14
  return (marker === profile && name === 'ICC_PROFILE\0') || (marker === adobe && name.startsWith('Adobe'))
}

/** Where the next marker is: FF 00 is a byte of data, FF D0 to FF D7 are restarts. */
function endOfCoded(bytes: Buffer, from: number): number {
  let at = from
  for (;;) {
    at = bytes.indexOf(0xff, at)
    if (at < 0 || at + 1 >= bytes.length) throw new Error('The picture has no end')
    const next = bytes.readUInt8(at + 1)
    const isData = next === 0 || (next >= 0xd0 && next <= 0xd7)
    if (!isData && next !== 0xff) return at
    at += isData ? 2 : 1
  }
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([head, content])
}

// PNG: chunks of length, name, content and checksum.

const pngChunks = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs acTL fcTL fdAT'.split(' '),
)

function cleanPng(bytes: Buffer, orientation: number): Buffer[] {
  const upright = uprightness(orientation)
  const kept = [bytes.subarray(0, 8)]
  let at = 8
  for (;;) {
    const end = at + 12 + bytes.readUInt32BE(at)
    if (end > bytes.length) throw new Error('A chunk ends behind the file')
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (pngChunks.has(name)) kept.push(bytes.subarray(at, end))
    if (name === 'IHDR' && upright) kept.push(pngChunk('eXIf', upright))
    if (name === 'IEND') return kept
    at = end
  }
}

function pngChunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const around = Buffer.alloc(8)
  around.writeUInt32BE(content.length, 0)
  around.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)])
}

// GIF: a header, then images and extensions in rows of blocks of up to 255 bytes.

function cleanGif(bytes: Buffer): Buffer[] {
  const flags = bytes.readUInt8(10)
  let at = 13 + tableLength(flags)
  const kept = [bytes.subarray(0, at)]
  for (;;) {
    const kind = bytes.readUInt8(at)
    if (kind === 0x3b) return [...kept, bytes.subarray(at, at + 1)]
    if (kind === 0x2c) {
      const end = endOfBlocks(bytes, at + 10 + tableLength(bytes.readUInt8(at + 9)) + 1)
      kept.push(bytes.subarray(at, end))
      at = end
    } else if (kind === 0x21) {
      const end = endOfBlocks(bytes, at + 2)
      if (isPictureExtension(bytes.subarray(at, end))) kept.push(bytes.subarray(at, end))
      at = end
    } else throw new Error('A block was expected')
  }
}

const tableLength = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

function endOfBlocks(bytes: Buffer, from: number): number {
  let at = from
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += length + 1
  return at + 1
}

/** How long a frame is shown, and how often all of them are. */
function isPictureExtension(extension: Buffer): boolean {
  const name = extension.toString('latin1', 3, 14)
  const isLoop = extension.readUInt8(1) === 0xff && (name === 'NETSCAPE2.0' || name === 'ANIMEXTS1.0')
  return extension.readUInt8(1) === 0xf9 || (isLoop && extension.length <= 19)
}

// WebP: RIFF chunks of name, length and content, padded to even lengths.

const webpChunks = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
const hasExif = 0x08
const hasXmp = 0x04

function cleanWebp(bytes: Buffer, orientation: number): Buffer[] {
  const upright = uprightness(orientation)
  const kept: Buffer[] = []
  const fileEnd = bytes.readUInt32LE(4) + 8
  if (fileEnd > bytes.length) throw new Error('The file is shorter than it says')
  let isExtended = false
  let at = 12
  while (at + 8 <= fileEnd) {
    const name = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    const end = at + 8 + length + (length % 2)
    if (at + 8 + length > fileEnd) throw new Error('A chunk ends behind the file')
    if (name === 'VP8X') {
      isExtended = true
      const features = Buffer.from(bytes.subarray(at, end))
      const flags = features.readUInt8(8) & ~hasExif & ~hasXmp
      features.writeUInt8(upright ? flags | hasExif : flags, 8)
      kept.push(features)
    } else if (webpChunks.has(name)) kept.push(bytes.subarray(at, Math.min(end, bytes.length)))
    at = end
  }
  if (upright && isExtended) {
    const head = Buffer.from('EXIF\0\0\0\0', 'latin1')
    head.writeUInt32LE(upright.length, 4)
    kept.push(head, upright)
  }
  const head = Buffer.from(bytes.subarray(0, 12))
  head.writeUInt32LE(
    kept.reduce((sum, { length }) => sum + length, 4),
    4,
  )
  return [head, ...kept]
}
