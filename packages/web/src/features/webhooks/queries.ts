import type { IssuedWebhook, Webhook } from '@atrium/client'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'

export type { Webhook }
export type IssuedSecret = Pick<IssuedWebhook, 'name' | 'secret'>

export const webhooksQuery = queryOptions({
  queryKey: ['admin', 'webhooks'],
  queryFn: async () => (await client.api.GET('/api/v1/webhooks')).data,
})

export const deliveriesKey = (id: string) => ['admin', 'webhook-deliveries', id]
