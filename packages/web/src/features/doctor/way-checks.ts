import { type Found, found, nothing } from './findings.ts'
import { probe } from './probe.ts'

/** Of a size that forms have, and that many proxies refuse unless they are told. */
const uploadLength = 400_000
const openMs = 8_000
/** The server takes 300 ms for its four lines. */
const apartMs = 100

export async function checkUpload(csrf: string): Promise<Found[]> {
  const answer = await probe(uploadLength, csrf)
  if (answer.kind === 'arrived' && answer.arrival.received === uploadLength) return nothing
  const status = answer.kind === 'refused' || answer.kind === 'other' ? answer.status : 0
  return found('upload_refused', { kilobytes: uploadLength / 1000, status })
}

/** The first packet of the transport comes before anybody is asked who they are. */
export function checkWebSocket(): Promise<Found[]> {
  return new Promise((resolve) => {
    const address = new URL('/socket.io/?EIO=4&transport=websocket', location.href)
    address.protocol = address.protocol.replace('http', 'ws')
    const socket = new WebSocket(address)
    const end = (result: Found[]) => {
      clearTimeout(timer)
      socket.onclose = null
      socket.close()
      resolve(result)
    }
    const timer = setTimeout(() => end(found('websocket', { seconds: openMs / 1000, code: 0 })), openMs)
    socket.onmessage = () => end(nothing)
    socket.onclose = ({ code }) => end(found('websocket', { seconds: openMs / 1000, code }))
  })
}

/** What is left where no WebSocket gets through. Several processes refuse it, and say so. */
export async function checkPolling(): Promise<Found[]> {
  const path = '/socket.io/?EIO=4&transport=polling'
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(openMs) })
    const text = await response.text()
    if (text.includes('"websocket_required"')) return nothing
    const sid = /^0\{.*"sid":"([\w-]+)"/.exec(text)?.[1]
    if (!sid) return found('polling', { status: response.status })
    await fetch(`${path}&sid=${sid}`, {
      method: 'POST',
      body: '1',
      headers: { 'content-type': 'text/plain' },
      signal: AbortSignal.timeout(openMs),
    })
    return nothing
  } catch {
    return found('polling', { status: 0 })
  }
}

/** Twice, as a busy machine may be late once. */
export async function checkStream(): Promise<Found[]> {
  return (await isHeldBack()) && (await isHeldBack()) ? found('stream_held') : nothing
}

async function isHeldBack(): Promise<boolean> {
  try {
    const response = await fetch('/api/v1/doctor/stream', { signal: AbortSignal.timeout(openMs) })
    const reader = response.body?.getReader()
    if (!response.ok || !reader) return false
    const times: number[] = []
    for (let part = await reader.read(); !part.done; part = await reader.read()) times.push(performance.now())
    return (times.at(-1) ?? 0) - (times[0] ?? 0) < apartMs
  } catch {
    return false
  }
}

const blocked: string[] = []
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  // The host alone: an address may hold what somebody looks for.
  const host = URL.parse(blockedURI)?.host ?? blockedURI
  if (blocked.length < 20) blocked.push(`${effectiveDirective} ${host}`.slice(0, 80))
})

export async function checkPolicy(): Promise<Found[]> {
  const broken =
    blocked.length > 0 ? found('policy_broken', { what: [...new Set(blocked)].slice(0, 3).join(', ') }) : []
  try {
    const { headers } = await fetch('/doctor', {
      headers: { accept: 'text/html' },
      signal: AbortSignal.timeout(openMs),
    })
    const policy = headers.get('content-security-policy') ?? ''
    const isWhole = policy.includes("default-src 'none'") && headers.get('x-content-type-options') === 'nosniff'
    return isWhole ? broken : [...broken, ...found('policy_missing')]
  } catch {
    return broken
  }
}

/** How the files of this page came here. */
export function checkDelivery(): Found[] {
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  const scripts = entries.filter(
    ({ name, decodedBodySize }) => /\/assets\/.*\.js$/.test(name) && decodedBodySize > 8_000,
  )
  const isPlain = scripts.length > 0 && scripts.every((entry) => entry.encodedBodySize >= entry.decodedBodySize)
  const page = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined
  const isOld = location.protocol === 'https:' && page?.nextHopProtocol === 'http/1.1'
  return [...(isPlain ? found('not_compressed') : []), ...(isOld ? found('http_old') : [])]
}
