import type { SearchGroups, SearchTerm } from './dialect.ts'

/** What reaches a query language of an engine, or a pattern, is letters and digits only. */
export function assertTerms(groups: SearchGroups): void {
  const isTerm = ({ term }: SearchTerm) => /^[\p{L}\p{N}]{3,}$/u.test(term)
  if (!groups.every((group) => group.length > 0 && group.every(isTerm))) throw new Error('Not a term of a search.')
}
