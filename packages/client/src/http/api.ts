import createFetchClient, { type Client } from 'openapi-fetch'
import type { paths } from '../generated/api.ts'
import type { Fetch } from './exchange.ts'

/** Every route of the server, typed by its OpenAPI document. Calls reject with ApiError or NetworkError. */
export type Http = Client<paths>

type Answer = { data?: unknown }
type Content<A extends Answer> = NonNullable<A['data']>

export const createHttp = (baseUrl: string, fetch: Fetch): Http => createFetchClient<paths>({ baseUrl, fetch })

/** The content alone: errors were thrown before an answer got here. */
export async function contentOf<A extends Answer>(answer: Promise<A>): Promise<Content<A>> {
  return (await answer).data as Content<A>
}
