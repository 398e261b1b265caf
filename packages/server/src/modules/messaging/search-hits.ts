import type { Dialect, SearchGroups, UnorderedSearch } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import {
  countAmongNewest,
  type Hit,
  listMatches,
  listNewest,
  listNumbered,
  lookThrough,
  readMatches,
  type SearchBounds,
  searchMessages,
} from './search.repository.ts'
import { lookFrom, mostAtOnce, nextLook, samplesOf } from './search-looks.ts'
import { conversationGroup } from './search-terms.ts'

const mostLooks = 4
/** In conversations with not more messages than this, naming them spares an engine more than it costs. */
const fewMessages = 4_096
/** So many of the newest messages of everybody tell whether there are very many with the words. */
const sample = 256
const manyOfSample = 4

/** So many of everybody's are looked at where the index has an order: more than a page, and looked up in no time. */
const glance = 64

export interface HitQuery extends SearchBounds {
  groups: SearchGroups
  /** Where the reader is a member; at least one. */
  conversationIds: readonly string[]
  before: string | number | undefined
  limit: number
}

/**
 * Newest first. An index without order names all that it matches before the newest can be chosen: there the newest
 * messages are looked through first, and the index is asked for what is older than these, where they have too little.
 */
export function findHits(db: Db, dialect: Pick<Dialect, 'search'>, query: HitQuery): Promise<Hit[]> {
  const { unordered } = dialect.search
  if (unordered) return findNewest(db, dialect, unordered, query)
  return findInOrder(db, dialect, query)
}

/**
 * To find a rare word among the messages of a large conversation, the index goes through the list of these. So the newest
 * with the words alone come first: of a rare word they are all there are, and of a common one often enough.
 */
async function findInOrder(db: Db, dialect: Pick<Dialect, 'search'>, query: HitQuery): Promise<Hit[]> {
  // A beginning that is no term of its own is gathered from all words that begin so, each time it is asked for.
  const isGathered = query.groups.some((group) => group.some(({ isPrefix }) => isPrefix))
  if (isGathered) return askNamed(db, dialect, query)
  const newest = await listMatches(db, dialect, { ...query, limit: glance })
  const hits = await readMatches(db, newest, query)
  const last = newest.at(-1)
  if (hits.length >= query.limit || newest.length < glance || !last) return hits
  const older = await askNamed(db, dialect, { ...query, before: last.place, limit: query.limit - hits.length })
  return [...hits, ...older]
}

const askNamed = (db: Db, dialect: Pick<Dialect, 'search'>, query: HitQuery): Promise<Hit[]> =>
  searchMessages(db, dialect, {
    ...query,
    groups: [conversationGroup(query.conversationIds), ...query.groups],
    conversationIds: undefined,
  })

async function findNewest(
  db: Db,
  dialect: Pick<Dialect, 'search'>,
  search: UnorderedSearch,
  query: HitQuery,
): Promise<Hit[]> {
  const hits: Hit[] = []
  let looked = 0
  let conversationIds = query.conversationIds
  let before = query.before === undefined ? undefined : String(query.before)
  for (let looks = 0; ; looks++) {
    const newest = await listNewest(db, search, conversationIds, before)
    if (newest.length === 0) return hits
    conversationIds = newest.map(({ conversation_id }) => conversation_id)
    const remaining = newest.reduce((sum, { number }) => sum + number, 0)
    const limit = query.limit - hits.length
    const so = { looked, hits: hits.length, wanted: query.limit, remaining }
    const count = looks < mostLooks ? nextLook(so) : 0
    if (count === 0) {
      const older = await askIndex(db, dialect, search, { ...query, conversationIds, before, limit }, remaining)
      return [...hits, ...older]
    }
    const isWhole = remaining <= count
    const sampled = newest.slice(0, mostAtOnce).map((place) => ({ ...place, numbers: samplesOf(place, count) }))
    const samples = isWhole ? [] : await listNumbered(db, sampled)
    const look = lookFrom(newest, samples, count)
    hits.push(...(await lookThrough(db, search, { ...query, ...look, before, limit })))
    if (hits.length >= query.limit || look.downTo === undefined) return hits
    looked += look.count
    before = look.downTo
  }
}

async function askIndex(
  db: Db,
  dialect: Pick<Dialect, 'search'>,
  search: UnorderedSearch,
  query: HitQuery,
  remaining: number,
): Promise<Hit[]> {
  // Of rare words few messages of others are found and left out; of common ones that costs more than to read one more list.
  const areNamed =
    !search.readsWholeLists ||
    remaining <= fewMessages ||
    (await countAmongNewest(db, search, query.groups, sample)) >= manyOfSample
  if (!areNamed) return searchMessages(db, dialect, query)
  return askNamed(db, dialect, query)
}
