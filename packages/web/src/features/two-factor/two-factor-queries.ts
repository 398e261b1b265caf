import { ApiError } from '@atrium/client'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

export const passkeysQuery = queryOptions({
  queryKey: ['passkeys'],
  queryFn: async () => (await client.api.GET('/api/v1/users/me/passkeys')).data,
  staleTime: 0,
})

export const isRefusal = (error: unknown, code: string): boolean => error instanceof ApiError && error.code === code
