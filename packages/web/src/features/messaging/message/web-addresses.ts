/** A piece of a text: words, or an address that can be opened. */
export type TextPart = { text: string; href?: string }

const address = /\bhttps?:\/\/[^\s<>"'`]+/giu
const punctuation = '.,;:!?…'
const openers: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

/** Only http and https become links; the sign at the end of a sentence is not part of the address. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(address)) {
    const found = withoutTail(match[0])
    const href = safeAddress(found, web)
    if (!href) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    parts.push({ text: found, href })
    end = match.index + found.length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

/** Without the punctuation that ends a sentence, and with a closing bracket only where the address opened it. */
export function withoutTail(found: string, alsoTail = ''): string {
  const surplus = new Map<string, number>()
  for (const letter of found) {
    const opener = openers[letter] ?? letter
    if (opener === letter && !Object.values(openers).includes(letter)) continue
    surplus.set(opener, (surplus.get(opener) ?? 0) + (opener === letter ? -1 : 1))
  }
  let end = found.length
  for (; end > 0; end--) {
    const letter = found[end - 1] ?? ''
    if (punctuation.includes(letter) || alsoTail.includes(letter)) continue
    const opener = openers[letter]
    if (opener === undefined || (surplus.get(opener) ?? 0) <= 0) break
    surplus.set(opener, (surplus.get(opener) ?? 0) - 1)
  }
  return found.slice(0, end)
}

export const web = ['http:', 'https:']

/** The address, when it can be read and begins with one of these; everything else is never made a link. */
export function safeAddress(text: string, protocols: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, href } = new URL(text)
  return protocols.includes(protocol) ? href : undefined
}
