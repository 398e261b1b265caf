import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

/** The newest first. */
export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async () => {
    const { data } = await client.api.GET('/api/v1/users/me/api-keys')
    return data.toSorted((one, other) => other.created_at.localeCompare(one.created_at))
  },
  staleTime: 0,
})
