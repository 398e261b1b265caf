import type { Db } from '../../platform/db/schema.ts'
import { listIdsByUsername } from '../accounts/index.ts'
import { listMemberIds } from './conversations.repository.ts'

/** Names and `all` as they stand after an @; an address in a text names nobody. */
const name = /(?<![\p{L}\p{N}._@-])@([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})/gu
const mostNames = 100

/** Lower-case names that a text mentions, without the dot or dash that ends a sentence. */
export function mentionedNames(text: string): string[] {
  const names = [...text.matchAll(name)].map(([, found = '']) => found.toLowerCase().replace(/[.-]+$/, ''))
  return [...new Set(names)].slice(0, mostNames)
}

/** Ids of the members whom a text names, with `all` for everyone; nobody who is not a member. */
export async function mentionedMembers(db: Db, conversationId: string, text: string): Promise<string[]> {
  const names = mentionedNames(text)
  if (names.length === 0) return []
  const ids = await listIdsByUsername(
    db,
    names.filter((each) => each !== 'all'),
  )
  const members = ids.length === 0 ? [] : await listMemberIds(db, conversationId, mostNames, ids)
  return names.includes('all') ? [...members, 'all'] : members
}
