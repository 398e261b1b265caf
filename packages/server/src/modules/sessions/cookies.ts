import { stringifySetCookie } from 'cookie'
import { sessionErrors } from './sessions.errors.ts'

/** How cookies look in this installation: one name per mode, never both (ASVS 3.3.1). */
export interface CookiePolicy {
  access: string
  refresh: string
  /** Tells a browser a person signed in with before from a stranger's. */
  device: string
  /** Tells the browser that began a sign-in through a provider from another one. */
  oauth: string
  /** Tells the browser that registered from one that opens the mailed link. */
  registration: string
  secure: boolean
  sameSite: 'lax' | 'none'
}

export function cookiePolicy(tls: boolean, crossSiteUi: boolean): CookiePolicy {
  const prefix = tls ? '__Host-' : ''
  return {
    access: `${prefix}access_token_cookie`,
    refresh: `${prefix}refresh_token_cookie`,
    device: `${prefix}device`,
    oauth: `${prefix}oauth_state`,
    registration: `${prefix}registration`,
    secure: tls,
    sameSite: crossSiteUi ? 'none' : 'lax',
  }
}

/** Set-Cookie lines for a token pair. `maxAge` in seconds; absent: until the browser closes. */
export function tokenCookies(policy: CookiePolicy, access: string, refresh: string, maxAge?: number): string[] {
  return [cookieLine(policy, policy.access, access, maxAge), cookieLine(policy, policy.refresh, refresh, maxAge)]
}

/** Browsers keep no cookie for longer than 400 days. */
export const deviceCookie = (policy: CookiePolicy, token: string): string =>
  cookieLine(policy, policy.device, token, 400 * 86_400)

export const oauthCookie = (policy: CookiePolicy, token: string, maxAge: number): string =>
  cookieLine(policy, policy.oauth, token, maxAge)
export const registrationCookie = (policy: CookiePolicy, token: string, maxAge: number): string =>
  cookieLine(policy, policy.registration, token, maxAge)

export const clearedCookies = (policy: CookiePolicy): string[] => [
  cookieLine(policy, policy.access, '', 0),
  cookieLine(policy, policy.refresh, '', 0),
]

/** As all of them are set here. */
export function cookieLine(policy: CookiePolicy, name: string, value: string, maxAge?: number): string {
  return stringifySetCookie({
    name,
    value,
    path: '/',
    httpOnly: true,
    secure: policy.secure,
    sameSite: policy.sameSite,
    ...(maxAge === undefined ? {} : { maxAge }),
  })
}

/** The value of one cookie. Two of the same name with different values are refused: neither may win. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const start = `${name}=`
  if (!header?.includes(start)) return undefined
  let found: string | undefined
  for (const pair of header.split(';')) {
    const trimmed = pair.trim()
    if (!trimmed.startsWith(start)) continue
    const value = trimmed.slice(start.length)
    if (found !== undefined && found !== value) {
      throw sessionErrors.token_invalid({ detail: `The cookie ${name} was sent twice` })
    }
    found = value
  }
  return found || undefined
}
