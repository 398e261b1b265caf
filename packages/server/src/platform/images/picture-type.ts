/** The pictures that are understood: what every browser shows and the decoder reads without help of others. */
export const pictureTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const
export type PictureType = (typeof pictureTypes)[number]

const starts: readonly [PictureType, (start: string) => boolean][] = [
  ['image/jpeg', (start) => start.startsWith('\xff\xd8\xff')],
  ['image/png', (start) => start.startsWith('\x89PNG\r\n\x1a\n')],
  ['image/gif', (start) => /^GIF8[79]a/.test(start)],
  ['image/webp', (start) => /^RIFF[\s\S]{4}WEBPVP8[ LX]/.test(start)],
]

/** How many bytes of the beginning are enough to tell. */
export const sniffLength = 16

/** The type by the first bytes, whatever name and declared type say; undefined for all that is no such picture. */
export function sniffPicture(bytes: Uint8Array): PictureType | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, sniffLength)).toString('latin1')
  return starts.find(([, isSuch]) => isSuch(start))?.[0]
}
