import { isLoopback } from '../../platform/http/loopback.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

const sizeLimit = 512 * 1024

/** Requests to providers: https only, no redirects, and neither slow nor endless answers. */
export const boundedFetch =
  ({ allowLoopbackHttp, timeLimitMs = 5_000 }: { allowLoopbackHttp: boolean; timeLimitMs?: number }): Fetch =>
  async (url, init) => {
    const { protocol, hostname } = new URL(url)
    const allowed = protocol === 'https:' || (protocol === 'http:' && allowLoopbackHttp && isLoopback(hostname))
    if (!allowed) throw new Error(`The address of the provider must be https: ${protocol}//${hostname}`)
    const signals = [AbortSignal.timeout(timeLimitMs), ...(init.signal ? [init.signal] : [])]
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) })
    const body = await readLimited(response)
    const { status, headers } = response
    return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers })
  }

async function readLimited(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > sizeLimit) throw new Error('The answer of the provider is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
