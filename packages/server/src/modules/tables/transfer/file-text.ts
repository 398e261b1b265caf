import { AppError, platformErrors } from '../../../platform/errors.ts'
import type { ByteSource } from '../../../platform/storage/storage.ts'

/** A row of a file, or one piece of it, has no more characters. */
export const maxRecordLength = 4 * 1024 * 1024

/** Why a file as a whole cannot be read. */
export const unreadable = (detail: string, cause?: unknown) => platformErrors.validation_failed({ detail, cause })

/** The text of a file as it comes. Throws validation_failed where it is not UTF-8, payload_too_large. */
export async function* textOf(source: ByteSource, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let size = 0
  const decoded = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch (error) {
      throw unreadable('The file is not text in UTF-8', error)
    }
  }
  for await (const chunk of whole(source)) {
    size += chunk.length
    if (size > maxBytes) {
      const members = { max_bytes: maxBytes }
      throw platformErrors.payload_too_large({
        detail: `The file may have ${maxBytes / 1024 / 1024} MiB here`,
        members,
      })
    }
    const text = decoded(chunk)
    if (text !== '') yield text
  }
  const rest = decoded()
  if (rest !== '') yield rest
}

async function* whole(source: ByteSource): AsyncGenerator<Uint8Array> {
  try {
    yield* source
  } catch (error) {
    throw error instanceof AppError
      ? error
      : platformErrors.bad_request({ detail: 'The file was cut off', cause: error })
  }
}

/** The lines of a text, without what ends them. */
export async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of texts) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxRecordLength) throw unreadable('A line of the file is too long')
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}

const signs = { quote: 0x22, backslash: 0x5c, comma: 0x2c, open: [0x5b, 0x7b], close: [0x5d, 0x7d] } as const

/** The texts of the elements of a JSON array, each as soon as it is there. Throws malformed_json for what is no array. */
export async function* elementsOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  const malformed = (detail: string) => platformErrors.malformed_json({ detail })
  let state = 'before' as 'before' | 'inside' | 'over'
  let depth = 0
  let inString = false
  let isEscaped = false
  let piece = ''
  let count = 0
  for await (const text of texts) {
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const sign = text.charCodeAt(at)
      if (state !== 'inside') {
        if (isSpace(sign)) continue
        if (state === 'over' || sign !== signs.open[0]) throw malformed('The file is no JSON array of rows')
        state = 'inside'
        from = at + 1
      } else if (inString) {
        if (isEscaped) isEscaped = false
        else if (sign === signs.backslash) isEscaped = true
        else if (sign === signs.quote) inString = false
      } else if (sign === signs.quote) inString = true
      else if (sign === signs.open[0] || sign === signs.open[1]) depth++
      else if (depth > 0) {
        if (sign === signs.close[0] || sign === signs.close[1]) depth--
      } else if (sign === signs.comma || sign === signs.close[0]) {
        const element = piece + text.slice(from, at)
        const isEnd = sign === signs.close[0]
        if (!isEnd || count > 0 || element.trim() !== '') yield element
        count++
        piece = ''
        from = at + 1
        if (isEnd) state = 'over'
      }
    }
    if (state === 'inside') piece += text.slice(from)
    if (piece.length > maxRecordLength) throw unreadable('A row of the file is too long')
  }
  if (state !== 'over') throw malformed('The JSON array of rows does not end')
}

const isSpace = (sign: number): boolean => sign === 0x20 || sign === 0x0a || sign === 0x0d || sign === 0x09
