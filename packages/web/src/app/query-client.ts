import { ApiError, NetworkError } from '@atrium/client'
import { type InvalidateOptions, type InvalidateQueryFilters, QueryCache, QueryClient } from '@tanstack/react-query'
import { noticeOwedFactor } from '../features/two-factor/owed-factor.ts'
import { whenAnswered } from './late-answers.ts'

function isWorthRepeating(failures: number, error: unknown): boolean {
  if (error instanceof NetworkError) return failures < 2
  return error instanceof ApiError && error.status >= 500 && failures < 2
}

/** Asks once more also for what is asked for the first time just now: the library lets that answer count, which may be of before. */
export class LiveQueryClient extends QueryClient {
  override invalidateQueries(filters: InvalidateQueryFilters = {}, options?: InvalidateOptions): Promise<void> {
    for (const query of this.getQueryCache().findAll({ ...filters, fetchStatus: 'fetching' })) {
      if (query.state.data !== undefined) continue
      whenAnswered(
        this,
        query,
        () => void super.invalidateQueries({ ...filters, queryKey: query.queryKey, exact: true }),
      )
    }
    return super.invalidateQueries(filters, options)
  }
}

/** The server tells of changes by events, so nothing goes stale by the clock unless a query says so. */
export const queryClient = new LiveQueryClient({
  queryCache: new QueryCache({ onError: noticeOwedFactor }),
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 30 * 60_000,
      retry: isWorthRepeating,
      retryDelay: (attempt) => Math.min(800 * 2 ** attempt, 5_000),
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      // Asking tells more than navigator.onLine does, which knows nothing of a server in the same house.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
