import type { Place } from './search.repository.ts'

/** So many messages are looked through at first: a common word fills a page from them. */
export const firstLook = 256
/** So many in all, while as many as are left to find can be expected among them. */
export const mostLooked = 4_096
/** What is not more than this is looked through whole, instead of asking the index. */
export const wholeLook = 2_048
/** Of so many conversations at once, those with the newest messages. */
export const mostAtOnce = 32

/**
 * How many messages to look through next; 0 when the index is the better way: for a word that few of the newest have.
 * `remaining`: how many are left, about.
 */
export function nextLook(so: { looked: number; hits: number; wanted: number; remaining: number }): number {
  if (so.looked === 0) return firstLook
  if (so.remaining <= wholeLook) return so.looked <= mostLooked ? so.remaining : 0
  if (so.hits === 0) return 0
  const expected = Math.ceil((1.25 * so.looked * (so.wanted - so.hits)) / so.hits)
  return so.looked + expected <= mostLooked ? Math.max(expected, firstLook) : 0
}

/** The numbers to ask for, to know how far back about so many messages of a conversation go: or a part of them. */
export const samplesOf = ({ number }: Place, count: number): number[] =>
  [1, 4, 16, 64].map((part) => number + 1 - Math.ceil(count / part)).filter((each) => each > 0)

export interface Look {
  /** Down to this message, with it; undefined: to the first. */
  downTo: string | undefined
  /** Those that have messages there. */
  conversationIds: string[]
  /** So many messages at most, as far as numbers and ids go the same way. */
  count: number
}

/**
 * Down to the oldest place, of those that are known, from which on there are not more messages than `count`. Ids are the
 * order of hits, so whatever place it is, no hit above it is left out. `newest`: one of each conversation, newest first.
 */
export function lookFrom(newest: readonly Place[], samples: readonly Place[], count: number): Look {
  const downTo = (place: string | undefined): Look => {
    const within = newest.filter(({ id }) => place === undefined || id >= place)
    return {
      downTo: place,
      conversationIds: within.map(({ conversation_id }) => conversation_id),
      count: within.reduce((sum, each) => sum + (place === undefined ? each.number : countDownTo(place, each)), 0),
    }
  }
  const known = Map.groupBy([...newest, ...samples], ({ conversation_id }) => conversation_id)
  /** Of one conversation: not more than there are down to the next place further back that is known. */
  const countDownTo = (place: string, { conversation_id, number }: Place): number => {
    const further = (known.get(conversation_id) ?? []).filter(({ id }) => id <= place)
    return further.length === 0 ? number : number + 1 - Math.max(...further.map((each) => each.number))
  }
  const places = [...newest.slice(0, mostAtOnce + 1), ...samples].map(({ id }) => id).sort()
  const looks = [undefined, ...places].map(downTo)
  return looks.find((look) => look.count <= count) ?? downTo(places.at(-1))
}
