/** A piece of a message: words, or an address that can be opened. */
export type TextPart = { text: string; href?: string }

const address = /\bhttps?:\/\/[^\s<>"'`]+/giu
const trailing = /[.,;:!?…]+$/u

/** Only http and https become links; the sign at the end of a sentence is not part of the address. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(address)) {
    const found = withoutTail(match[0])
    const href = webAddress(found)
    if (!href) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    parts.push({ text: found, href })
    end = match.index + found.length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

/** Keeps a closing bracket only where the address opened it. */
function withoutTail(found: string): string {
  let address = found.replace(trailing, '')
  while (/[)\]}]$/.test(address) && count(address, /[([{]/g) < count(address, /[)\]}]/g)) {
    address = address.slice(0, -1).replace(trailing, '')
  }
  return address
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

function webAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, href } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? href : undefined
}
