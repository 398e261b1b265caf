import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { joined, type Load } from './load.ts'

const loadKey = ['admin', 'load']

/** Asks for what is new alone. Stops by itself while nobody looks at the page. */
export const loadQuery = queryOptions({
  queryKey: loadKey,
  queryFn: async ({ signal, client: cache }): Promise<Load> => {
    const held = cache.getQueryData<Load>(loadKey)
    const after = held?.data.at(-1)?.at
    const ask = (query: { after?: string }) =>
      client.api.GET('/api/v1/admin/metrics/history', { params: { query }, signal })
    return joined(held, await ask(after === undefined ? {} : { after })) ?? ask({})
  },
  refetchInterval: ({ state }) => (state.data?.step_seconds ?? 10) * 1000,
  refetchOnMount: 'always',
  refetchOnWindowFocus: 'always',
  retry: false,
  gcTime: 5 * 60_000,
})

export const healthQuery = queryOptions({
  queryKey: ['admin', 'health'],
  queryFn: ({ signal }) => client.api.GET('/api/v1/health/detailed', { signal }),
  refetchInterval: 30_000,
  refetchOnMount: 'always',
  refetchOnWindowFocus: 'always',
  retry: false,
})
