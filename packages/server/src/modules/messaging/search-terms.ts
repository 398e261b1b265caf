import type { SearchTerm } from '../../platform/db/dialects/dialect.ts'

const word = /[\p{L}\p{N}]+/gu
/** In a text as it was written, where an accent may be a character of its own. */
const markedWord = /[\p{L}\p{N}\p{M}]+/gu
const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u
const longestWord = 64
/** A longer beginning is rare enough for an engine to gather the words that have it. */
const longestBeginning = 16

/** Without case and accents, so that "Cafe" finds "café" on every engine. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()

/** Languages without spaces are found by pairs of their characters. */
function splitWord(found: string): string[] {
  if (!ideographs.test(found)) return [found.slice(0, longestWord)]
  const characters = [...found]
  if (characters.length === 1) return characters
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`)
}

const wordsOf = (text: string): string[] => (plain(text).match(word) ?? []).flatMap(splitWord)

const wantedWords = (text: string): { word: string; isPrefix: boolean }[] =>
  [...plain(text).matchAll(/([\p{L}\p{N}]+)(\*?)/gu)].flatMap(([, found = '', star]) => {
    const words = splitWord(found)
    return words.map((each, index) => ({ word: each, isPrefix: star === '*' && index === words.length - 1 }))
  })

/**
 * Terms begin with their kind (`qw` a word, `qb` the beginning of a longer one, `qc` a conversation, `qs` a sender, `qfile`
 * says that files came with it): that makes the shortest word long enough for every engine, none of them a stop word, and
 * lets one index narrow a search to what its reader may see.
 */
const conversationTerm = (id: string): string => `qc${id.replaceAll('-', '')}`
const fileTerm = 'qfile'
const senderTerm = (id: string): string => `qs${id.replaceAll('-', '')}`

function beginningsOf(found: string): string[] {
  const beginnings: string[] = []
  let end = 0
  // By characters, of which some are two units long.
  for (const character of found) {
    end += character.length
    if (end === found.length || beginnings.length === longestBeginning) break
    beginnings.push(`qb${found.slice(0, end)}`)
  }
  return beginnings
}

/** With the names of the files that came with it. */
export function searchTerms(
  message: { conversation_id: string; sender_id: string; text: string },
  fileNames: readonly string[] = [],
): string {
  const words = new Set([message.text, ...fileNames].flatMap(wordsOf))
  const beginnings = new Set([...words].flatMap(beginningsOf))
  const place = [conversationTerm(message.conversation_id), senderTerm(message.sender_id)]
  const wholes = [...words].map((each) => `qw${each}`)
  return [...place, ...(fileNames.length > 0 ? [fileTerm] : []), ...wholes, ...beginnings].join(' ')
}

/** What a message of these conversations holds one of. */
export const conversationGroup = (ids: readonly string[]): SearchTerm[] =>
  ids.map((id) => ({ term: conversationTerm(id), isPrefix: false }))

/**
 * What a message must hold: every word, the sender. A word that ends in * counts by its beginning, which is a term of its
 * own: else an engine would have to gather all words that begin so, and all messages they are in, before it finds the
 * first one.
 */
export function searchGroups(search: {
  text: string
  senderId?: string | undefined
  withFile?: boolean
  /** False while messages of an earlier version are without these terms. */
  beginnings: boolean
}): SearchTerm[][] {
  const words = wantedWords(search.text).slice(0, 10)
  if (words.length === 0 && !search.withFile) return []
  const whole = (term: string): SearchTerm => ({ term, isPrefix: false })
  const wanted = (each: { word: string; isPrefix: boolean }): SearchTerm[] => {
    if (!each.isPrefix) return [whole(`qw${each.word}`)]
    const isTerm = search.beginnings && [...each.word].length <= longestBeginning
    return isTerm ? [whole(`qb${each.word}`), whole(`qw${each.word}`)] : [{ term: `qw${each.word}`, isPrefix: true }]
  }
  return [
    ...words.map(wanted),
    ...(search.senderId === undefined ? [] : [[whole(senderTerm(search.senderId))]]),
    ...(search.withFile ? [[whole(fileTerm)]] : []),
  ]
}

/** Where the words of a search stand in a text, as UTF-16 positions, ascending and not overlapping. */
export function marksIn(text: string, search: string): { start: number; end: number }[] {
  const wanted = wantedWords(search)
  return [...text.matchAll(markedWord)].flatMap(({ 0: found, index }) => {
    const folded = plain(found)
    if (ideographs.test(folded))
      return pairsIn(
        folded,
        wanted.map(({ word: each }) => each),
      ).map((at) => ({ start: index + at, end: index + at + 2 }))
    const fits = wanted.filter((each) => (each.isPrefix ? folded.startsWith(each.word) : folded === each.word))
    const longest = Math.max(0, ...fits.map((each) => each.word.length))
    return longest === 0 ? [] : [{ start: index, end: index + foldedLength(found, longest) }]
  })
}

/** Where pairs of ideographs stand in a word, each place once. */
function pairsIn(folded: string, wanted: readonly string[]): number[] {
  const places = Array.from({ length: Math.max(0, folded.length - 1) }, (_, at) => at)
  return places.filter((at) => wanted.includes(folded.slice(at, at + 2)))
}

/** How much of a word makes up so many folded characters: a folded character can stand for more or less than one. */
function foldedLength(found: string, length: number): number {
  let end = 0
  for (const character of found) {
    // An accent belongs to the letter before it.
    if (plain(found.slice(0, end)).length >= length && !/^\p{M}$/u.test(character)) break
    end += character.length
  }
  return end
}
