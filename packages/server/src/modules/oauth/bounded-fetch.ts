import { isLoopback } from '../../platform/http/loopback.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

const sizeLimit = 512 * 1024
/** Answers that say "not now", of the provider or of what stands before it. */
const away = [429, 502, 503, 504]

/** Nobody is there, or nobody who has the time: nothing is wrong with what the provider says. */
export class ProviderUnreachable extends Error {}

/**
 * Requests to providers: https only, no redirects, and neither slow nor endless answers. Throws ProviderUnreachable where
 * there is none.
 */
export const boundedFetch =
  ({ allowLoopbackHttp, timeLimitMs = 5_000 }: { allowLoopbackHttp: boolean; timeLimitMs?: number }): Fetch =>
  async (url, init) => {
    const { protocol, hostname } = new URL(url)
    const allowed = protocol === 'https:' || (protocol === 'http:' && allowLoopbackHttp && isLoopback(hostname))
    if (!allowed) throw new Error(`The address of the provider must be https: ${protocol}//${hostname}`)
    const signals = [AbortSignal.timeout(timeLimitMs), ...(init.signal ? [init.signal] : [])]
    const { status, headers, body } = await ask(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) })
    if (!body) throw new Error('The answer of the provider is too large')
    if (away.includes(status)) throw new ProviderUnreachable(`The provider answered ${status}`)
    return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers })
  }

async function ask(url: string, init: RequestInit) {
  try {
    const response = await fetch(url, init)
    const { status, headers } = response
    return { status, headers, body: await readLimited(response) }
  } catch (error) {
    throw new ProviderUnreachable((error as Error).message, { cause: (error as Error).cause })
  }
}

/** Undefined where there is more of it than anybody needs. */
async function readLimited(response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > sizeLimit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
