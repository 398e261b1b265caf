import type { TFunction } from 'i18next'
import { account } from '../../words/account/en.ts'

type Word = keyof typeof account.scopes

/** A colon would part a namespace from a key. */
const wordOf = (scope: string): string => scope.replace(':', '_')
const isWord = (word: string): word is Word => Object.hasOwn(account.scopes, word)
const known = Object.keys(account.scopes).map((word) => word.replace(/_([a-z]+)$/, ':$1'))

const covers = (held: string, scope: string): boolean =>
  held === '*' || held === scope || (held.endsWith(':*') && scope.startsWith(held.slice(0, -1)))

/** What a person may hand on: each single thing they may do themselves. */
export function ownScopes(permissions: readonly string[]): string[] {
  const named = known.filter((scope) => permissions.some((held) => covers(held, scope)))
  const others = permissions.filter((held) => !held.includes('*') && !known.includes(held))
  return [...named, ...others]
}

/** As a sentence; the name itself where there is none. */
export function scopeText(scope: string, t: TFunction): string {
  const word = wordOf(scope)
  return isWord(word) ? t(`scopes.${word}`) : scope
}
