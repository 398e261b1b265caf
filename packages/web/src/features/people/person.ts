import type { Person } from '@atrium/client'

export const personName = (person: Person): string => person.display_name?.trim() || person.username

/** One or two letters for a picture: of the first and the last word of the name. */
export function initials(person: Person): string {
  const words = personName(person)
    .split(/[\s._-]+/)
    .filter(Boolean)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return letters.join('').toLocaleUpperCase()
}

/** One of `count` colours, always the same for one person. */
export function tintOf(person: Person, count: number): number {
  let hash = 0x811c9dc5
  for (const letter of person.id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 8) % count
}
