export interface ExcerptPart {
  text: string
  isMarked: boolean
  at: number
}

const shownBefore = 40
const shownAfter = 160

/** The text around its first mark, in pieces that are marked or not. Marks that overlap or go too far are cut. */
export function excerpt(text: string, marks: readonly { start: number; end: number }[]): ExcerptPart[] {
  const first = marks[0]?.start ?? 0
  const begin = first > shownBefore ? wordStart(text, first - shownBefore) : 0
  const end = Math.min(text.length, Math.max(first, begin) + shownAfter)
  const parts: ExcerptPart[] = []
  let done = begin
  const add = (until: number, isMarked: boolean) => {
    if (until > done) parts.push({ text: text.slice(done, until), isMarked, at: done })
    done = Math.max(done, until)
  }
  for (const mark of marks) {
    add(Math.min(mark.start, end), false)
    add(Math.min(mark.end, end), true)
  }
  add(end, false)
  const [head] = parts
  const last = parts.at(-1)
  if (head && begin > 0) head.text = `…${head.text}`
  if (last && end < text.length) last.text = `${last.text}…`
  return parts
}

function wordStart(text: string, at: number): number {
  const space = text.indexOf(' ', at)
  return space < 0 || space > at + 20 ? at : space + 1
}
