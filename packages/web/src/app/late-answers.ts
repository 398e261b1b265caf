import type { Query, QueryClient, QueryFilters } from '@tanstack/react-query'

type Step = () => unknown

/** What waits for the answers that are on their way. */
const waiting = new WeakMap<Query, Step[]>()

/** Does it as soon as the fetch that is on its way has ended, however it ends, unless the query is gone by then. */
export function whenAnswered(cache: QueryClient, query: Query, step: Step): void {
  const steps = waiting.get(query)
  if (steps) {
    steps.push(step)
    return
  }
  const first = [step]
  waiting.set(query, first)
  const stop = cache.getQueryCache().subscribe((event) => {
    if (event.query !== query || (event.type !== 'removed' && query.state.fetchStatus !== 'idle')) return
    stop()
    waiting.delete(query)
    if (event.type !== 'removed') for (const each of first) each()
  })
}

/**
 * Changes what is loaded, as an event tells. An answer that is on its way may be of before the event, and a further page
 * comes with the pages as they were when it was asked for: so the change is made to that answer once more, and must change
 * nothing in what has it already.
 */
export function changeQueries<Data>(cache: QueryClient, filters: QueryFilters, change: (known: Data) => Data): void {
  for (const query of cache.getQueryCache().findAll(filters)) {
    const apply = () =>
      void cache.setQueryData<Data>(query.queryKey, (known) => (known === undefined ? known : change(known)))
    apply()
    // After a failure what is known has the change, and setting it again would hide that asking failed.
    const again = () => query.state.status === 'success' && apply()
    if (query.state.fetchStatus === 'fetching') whenAnswered(cache, query, again)
  }
}
