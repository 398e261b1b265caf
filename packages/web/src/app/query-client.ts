import { ApiError, NetworkError } from '@atrium/client'
import { QueryCache, QueryClient } from '@tanstack/react-query'
import { noticeOwedFactor } from '../features/two-factor/owed-factor.ts'

function isWorthRepeating(failures: number, error: unknown): boolean {
  if (error instanceof NetworkError) return failures < 2
  return error instanceof ApiError && error.status >= 500 && failures < 2
}

/** The server tells of changes by events, so nothing goes stale by the clock unless a query says so. */
export const queryClient = new QueryClient({
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
