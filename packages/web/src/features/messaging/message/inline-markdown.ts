import { safeAddress, web, withoutTail } from './web-addresses.ts'

/**
 * The light formatting of messages, as data: whoever shows it makes elements and text nodes of it, so nothing that is
 * written here can become HTML. Every step looks at each character a bounded number of times, whatever the text.
 */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'mention'; name: string; text: string }
  | { kind: 'bold'; content: Inline[] }
  | { kind: 'italic'; content: Inline[] }
  | { kind: 'strike'; content: Inline[] }
  | { kind: 'link'; href: string; content: Inline[] }

/** Deeper than this the signs stay signs: elements in elements without end help nobody. */
const deepest = 8

const letter = /[\p{L}\p{N}]/u
const space = /\s/u
const escapable = /[\\`*_~[\]()>@.-]/
const webStart = /https?:\/\/[^\s<>"'`]+/iuy
const mention = /@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)/y
const linkTarget = /\(([^\s()<>[\]]{1,2000})\)/y
const kinds = { '**': 'bold', '*': 'italic', _: 'italic', '~~': 'strike' } as const
type Sign = keyof typeof kinds

/** A sign that may still find its other half, and what came after it. */
interface Open {
  sign: Sign | '['
  content: Inline[]
}

class InlineReader {
  readonly #text: string
  readonly #codeEnds: Map<number, number>
  /** The outermost has no sign. */
  readonly #open: { sign: Sign | '[' | ''; content: Inline[] }[] = [{ sign: '', content: [] }]
  #at = 0
  #plainFrom = 0

  constructor(text: string) {
    this.#text = text
    this.#codeEnds = codeEndsOf(text)
  }

  read(): Inline[] {
    while (this.#at < this.#text.length) if (!this.#step()) this.#at += 1
    this.#endPlain(this.#at)
    while (this.#open.length > 1) this.#giveUp()
    return this.#open[0]?.content ?? []
  }

  /** Takes what begins here; false when it is a character like any other. */
  #step(): boolean {
    const next = this.#text[this.#at] ?? ''
    switch (next) {
      case '\\':
        return this.#escape()
      case '`':
        return this.#code()
      case '*':
      case '_':
      case '~':
        return this.#run(next)
      case '[':
        return this.#push('[', 1)
      case ']':
        return this.#closeLink()
      case '@':
        return this.#mention()
      case 'h':
      case 'H':
        return this.#address()
      default:
        return false
    }
  }

  #escape(): boolean {
    if (!escapable.test(this.#text[this.#at + 1] ?? '')) return false
    this.#endPlain(this.#at)
    this.#plainFrom = this.#at + 1
    this.#at += 2
    return true
  }

  #code(): boolean {
    const end = this.#codeEnds.get(this.#at)
    const length = this.#runLength('`')
    if (end === undefined) {
      this.#at += length
      return true
    }
    const text = this.#text.slice(this.#at + length, end)
    const isPadded = text.startsWith(' ') && text.endsWith(' ') && text.trim() !== ''
    this.#add({ kind: 'code', text: isPadded ? text.slice(1, -1) : text }, end + length)
    return true
  }

  #run(character: string): boolean {
    const length = this.#runLength(character)
    const signs = signsOf(character, length)
    const before = this.#text[this.#at - 1] ?? ' '
    const after = this.#text[this.#at + length] ?? ' '
    const isSingle = character !== '~' && length === 1
    const canClose = !space.test(before) && !(isSingle && letter.test(after))
    const canOpen = !space.test(after) && !(isSingle && letter.test(before))
    if (signs.length === 0) {
      this.#at += length
      return true
    }
    let left = signs
    if (canClose) left = this.#closeAll(left)
    if (left.length === 0) return true
    if (canOpen && left.length === signs.length) {
      for (const sign of left) if (!this.#push(sign, sign.length)) this.#at += sign.length
      return true
    }
    this.#at += left.join('').length
    return true
  }

  /** Closes those of the signs that are open, the innermost first. Answers the others. */
  #closeAll(signs: readonly Sign[]): Sign[] {
    const left = [...signs]
    for (let index = this.#open.length - 1; index > 0 && left.length > 0; index--) {
      const open = this.#open[index]
      if (!open || open.sign === '[') break
      const wanted = left.indexOf(open.sign as Sign)
      const isEmpty = index === this.#open.length - 1 && open.content.length === 0 && this.#plainFrom === this.#at
      if (wanted < 0 || isEmpty) continue
      const [sign] = left.splice(wanted, 1)
      this.#endPlain(this.#at)
      while (this.#open.length - 1 > index) this.#giveUp()
      this.#open.pop()
      if (sign) this.#add({ kind: kinds[sign], content: open.content }, this.#at + sign.length)
    }
    return left
  }

  #push(sign: Sign | '[', length: number): boolean {
    if (this.#open.length > deepest) return false
    this.#endPlain(this.#at)
    this.#open.push({ sign, content: [] })
    this.#at += length
    this.#plainFrom = this.#at
    return true
  }

  #closeLink(): boolean {
    const index = this.#open.findLastIndex(({ sign }) => sign === '[')
    if (index < 0) return false
    linkTarget.lastIndex = this.#at + 1
    const target = linkTarget.exec(this.#text)
    const href = target && safeAddress(target[1] ?? '', [...web, 'mailto:'])
    this.#endPlain(this.#at)
    this.#plainFrom = this.#at
    while (this.#open.length - 1 > index) this.#giveUp()
    const [open] = this.#open.slice(-1) as [Open]
    const words = open.content.map(flatText).join('')
    if (!href || words.trim() === '' || pretends(words, href)) {
      this.#giveUp()
      return false
    }
    this.#open.pop()
    this.#add({ kind: 'link', href, content: withoutLinks(open.content) }, linkTarget.lastIndex)
    return true
  }

  #mention(): boolean {
    const before = this.#text[this.#at - 1] ?? ' '
    if (letter.test(before) || '._@-'.includes(before)) return false
    mention.lastIndex = this.#at
    const [text, name] = mention.exec(this.#text) ?? []
    if (!text || !name) return false
    this.#add({ kind: 'mention', name: name.toLowerCase(), text }, this.#at + text.length)
    return true
  }

  #address(): boolean {
    const before = this.#text[this.#at - 1] ?? ' '
    if (letter.test(before)) return false
    webStart.lastIndex = this.#at
    const [found] = webStart.exec(this.#text) ?? []
    if (!found) return false
    const text = withoutTail(found.replace(/\].*$/su, ''), '*_~')
    const href = safeAddress(text, web)
    if (href) this.#add({ kind: 'link', href, content: [{ kind: 'text', text }] }, this.#at + text.length)
    else this.#at += Math.max(text.length, 1)
    return true
  }

  /** What was opened and never closed is a sign like any other, and what followed it stands outside. */
  #giveUp(): void {
    const open = this.#open.pop()
    const outer = this.#open.at(-1)
    if (!open || !outer) return
    outer.content.push({ kind: 'text', text: open.sign })
    for (const each of open.content) outer.content.push(each)
  }

  #add(inline: Inline, end: number): void {
    this.#endPlain(this.#at)
    this.#open.at(-1)?.content.push(inline)
    this.#at = end
    this.#plainFrom = end
  }

  #endPlain(end: number): void {
    const text = this.#text.slice(this.#plainFrom, end)
    if (text) this.#open.at(-1)?.content.push({ kind: 'text', text })
    this.#plainFrom = end
  }

  #runLength(character: string): number {
    let end = this.#at
    while (this.#text[end] === character) end += 1
    return end - this.#at
  }
}

export const inlineOf = (text: string): Inline[] => new InlineReader(text).read()

/** Two of `*` are bold, one is italic, three are both; longer rows are drawn lines and not signs. */
function signsOf(character: string, length: number): Sign[] {
  if (character === '~') return length === 2 ? ['~~'] : []
  if (character === '_') return length === 1 ? ['_'] : []
  if (length > 3) return []
  return length === 3 ? ['**', '*'] : [length === 2 ? '**' : '*']
}

/** For each row of backticks the next one of the same length. */
function codeEndsOf(text: string): Map<number, number> {
  const ends = new Map<number, number>()
  const waiting = new Map<number, number>()
  for (const { 0: run, index } of [...text.matchAll(/`+/g)].toReversed()) {
    const next = waiting.get(run.length)
    if (next !== undefined) ends.set(index, next)
    waiting.set(run.length, index)
  }
  return ends
}

export const flatText = (inline: Inline): string =>
  'content' in inline ? inline.content.map(flatText).join('') : inline.text

const withoutLinks = (content: readonly Inline[]): Inline[] =>
  content.flatMap((each) => (each.kind === 'link' ? withoutLinks(each.content) : [each]))

/** Words that look like an address other than the one they lead to. */
function pretends(words: string, href: string): boolean {
  const shown = /^\s*(?:https?:\/\/)?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/iu.exec(words)?.[1]?.toLowerCase()
  if (shown === undefined || !words.trim().match(/^\S+$/)) return false
  const { host, protocol } = new URL(href)
  return protocol !== 'mailto:' && shown !== host && `www.${shown}` !== host && shown !== `www.${host}`
}
