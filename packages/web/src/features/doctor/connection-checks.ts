import { type Found, found, nothing } from './findings.ts'
import { type Answer, type Arrival, probe } from './probe.ts'

/** Codes and cookies are judged by the time: half a minute does no harm. */
const tolerableMs = 30_000

/** What a first answer says; without one there is nothing else to look at. */
export function judgeAnswer(answer: Answer): Found[] {
  if (answer.kind === 'silent')
    return navigator.onLine ? found('server_unreachable', { address: location.origin }) : found('offline')
  if (answer.kind === 'other') return found('answer_other', { status: answer.status })
  if (answer.kind === 'refused') {
    if (answer.code === 'origin_not_allowed') return found('origin_refused', { address: location.origin })
    if (answer.code.startsWith('csrf_')) return found('csrf_header')
    return found('answer_other', { status: answer.status })
  }
  return judgeArrival(answer.arrival, (answer.sentAt + answer.heardAt) / 2, answer.heardAt - answer.sentAt)
}

function judgeArrival({ server_time, public_origin, proxy }: Arrival, at: number, tookMs: number): Found[] {
  const apartMs = at - Date.parse(server_time)
  const isApart = Math.abs(apartMs) > tolerableMs + tookMs
  return [
    ...(public_origin === location.origin
      ? nothing
      : found('address_other', { here: location.origin, there: public_origin })),
    ...(window.isSecureContext ? nothing : found('insecure', { address: location.origin })),
    ...(proxy === 'unknown' ? found('proxy_unknown') : nothing),
    ...(isApart ? found('clock', { seconds: Math.round(apartMs / 1000) }) : nothing),
  ]
}

/** After a first probe, which set what is looked for. */
export async function checkCookies(csrf: string): Promise<Found[]> {
  if (!navigator.cookieEnabled) return found('cookies_off')
  if (/(^|; )(__Host-)?browser_check=/.test(document.cookie)) return found('cookies_readable')
  const answer = await probe(0, csrf)
  if (answer.kind !== 'arrived' || answer.arrival.cookie_set) return nothing
  return found(answer.arrival.plain_cookie_set ? 'cookies_rewritten' : 'cookies_lost')
}

/** Whoever is signed in here must be so at the server, and have brought the header. */
export function checkSession({ signed_in, csrf_header }: Arrival, isSignedIn: boolean): Found[] {
  return [
    ...(isSignedIn && !signed_in ? found('session_lost') : nothing),
    ...(csrf_header ? nothing : found('csrf_header')),
  ]
}
