import createFetchClient, {
  type Client,
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
} from 'openapi-fetch'
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

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Possible<T> = [T] extends [never] ? undefined : T

type Call<M extends Method> = <
  Path extends ClientPathsWithMethod<Http, M>,
  Init extends MaybeOptionalInit<paths[Path], M>,
>(
  path: Path,
  ...init: Record<never, never> extends Init ? [init?: Init] : [init: Init]
) => Promise<Possible<MethodResponse<Http, M, Path, Init>>>

/** The same routes, answering their content alone; undefined where there is none (204). */
export interface Api {
  readonly GET: Call<'get'>
  readonly POST: Call<'post'>
  readonly PUT: Call<'put'>
  readonly PATCH: Call<'patch'>
  readonly DELETE: Call<'delete'>
}

export function apiOf(http: Http): Api {
  type AnyCall = (path: string, init?: object) => Promise<Answer>
  const call = (method: keyof Api) => (path: string, init?: object) => contentOf((http[method] as AnyCall)(path, init))
  const api = { GET: call('GET'), POST: call('POST'), PUT: call('PUT'), PATCH: call('PATCH'), DELETE: call('DELETE') }
  return api as unknown as Api
}
