import { isLoopback } from '../http/loopback.ts'

export interface SmtpServer {
  host: string
  port: number
  /** `implicit`: from the first byte; `starttls`: asked for before anything is said; `none`: in the clear. */
  tls: 'implicit' | 'starttls' | 'none'
  login: { user: string; password: string } | null
}

const form = 'smtp://user:password@host:587 or smtps://user:password@host:465'

/** Never repeats the address in what it throws: it holds the password. */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text)
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') throw new Error(`is no address such as ${form}`)
  if (!/^\/?$/.test(url.pathname) || url.hash !== '') throw new Error(`has a path; it looks like ${form}`)
  const unknown = [...url.searchParams].find(([name, value]) => name !== 'tls' || value !== 'off')
  if (unknown) throw new Error('knows the one option ?tls=off, for a relay of your own network')

  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isHere = isLoopback(host)
  const isImplicit = url.protocol === 'smtps:'
  const isOff = url.searchParams.has('tls')
  const login = url.username === '' ? null : { user: decoded(url.username), password: decoded(url.password) }
  if (isOff && isImplicit) throw new Error('says smtps and tls=off at once')
  if (isOff && login && !isHere) throw new Error('would send the password in the clear; leave tls=off out')
  return {
    host,
    port: Number(url.port) || (isImplicit ? 465 : isHere || isOff ? 25 : 587),
    tls: isImplicit ? 'implicit' : isHere || isOff ? 'none' : 'starttls',
    login,
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('has a % that encodes nothing; write %25 for the sign itself')
  }
}
