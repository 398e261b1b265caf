/** A text and what is selected in it. */
export interface Selected {
  text: string
  start: number
  end: number
}

/** Puts a sign around what is selected, or takes it away where it stands already. */
export function toggleSign({ text, start, end }: Selected, sign: string): Selected {
  const { length } = sign
  const [before, chosen, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)]
  if (before.endsWith(sign) && after.startsWith(sign)) {
    return { text: before.slice(0, -length) + chosen + after.slice(length), start: start - length, end: end - length }
  }
  if (chosen.length > 2 * length && chosen.startsWith(sign) && chosen.endsWith(sign)) {
    return { text: before + chosen.slice(length, -length) + after, start, end: end - 2 * length }
  }
  return { text: before + sign + chosen + sign + after, start: start + length, end: end + length }
}

/** The name that is being typed after an @, with where it begins. */
export function mentionAt(text: string, caret: number): { from: number; name: string } | undefined {
  const found = /(?:^|[^\p{L}\p{N}._@-])@([A-Za-z0-9_.-]{0,64}|[\p{L}]{0,64})$/u.exec(
    text.slice(Math.max(0, caret - 80), caret),
  )
  if (!found) return undefined
  const name = found[1] ?? ''
  return { from: caret - name.length - 1, name }
}

/** The text with a chosen name in place of what was typed of it. */
export function withMention({ text, end }: Selected, from: number, username: string): Selected {
  const before = `${text.slice(0, from)}@${username} `
  const after = text.slice(end).replace(/^ /, '')
  return { text: before + after, start: before.length, end: before.length }
}
