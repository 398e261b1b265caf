import { extensionOf } from './names.ts'

/** As much of the beginning as the kind of a content is told by. */
export const sniffedBytes = 64 * 1024

const unknown = 'application/octet-stream'

/** Text that is a kind of its own: its name says which, and none of them is run by whoever shows it as text. */
const textByExtension: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  css: 'text/css',
  ics: 'text/calendar',
  json: 'application/json',
  geojson: 'application/geo+json',
  md: 'text/markdown',
  vcf: 'text/vcard',
  yaml: 'application/yaml',
  yml: 'application/yaml',
}

/**
 * What the bytes are, whatever name and type they came with. Text that a browser would run is named as that, so that
 * nobody shows it; what is unknown is a row of bytes.
 */
export async function contentTypeOf(head: Buffer, name: string): Promise<string> {
  const detected = await detect(head)
  // XML of all kinds, SVG too, is text: looked at below.
  if (detected && !/xml$/.test(detected)) return detected
  const text = textOf(head)
  if (text === undefined) return detected ?? unknown
  const start = text.trimStart().slice(0, 4096)
  if (/<svg[\s>/]/i.test(start)) return 'image/svg+xml'
  if (/<(!doctype html|html|head|body|script|iframe|object|embed|style|link|meta|img)[\s>/]/i.test(start)) {
    return 'text/html'
  }
  if (/^<[?!a-z]/i.test(start)) return 'application/xml'
  return textByExtension[extensionOf(name)] ?? 'text/plain'
}

async function detect(head: Buffer): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type')
  // A beginning may end where its reader wants more.
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return found?.mime
}

/** The beginning as text in UTF-8, or undefined: control characters are no text. */
function textOf(head: Buffer): string | undefined {
  try {
    // The last character may be cut.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return isBinary(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** Controls other than those between words and lines. */
const isBinary = (text: string): boolean => /(?![\s\u0080-\u009f])\p{Cc}/u.test(text)

/** Kinds that a browser shows without running anything in them. */
const shownInline = new Set([
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/apng'],
  ...['audio/mpeg', 'audio/ogg', 'audio/wav', 'audio/flac', 'audio/aac', 'audio/mp4', 'audio/x-m4a'],
  ...['video/mp4', 'video/webm', 'video/ogg', 'video/quicktime'],
  'text/plain',
])

export const isShownInline = (contentType: string): boolean => shownInline.has(contentType)
