import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { canonicalAddress } from '../limits/network.ts'
import { isLoopback } from './loopback.ts'

/** Networks that are nobody's on the internet (IANA special-purpose registries). */
const notPublic = new BlockList()
for (const network of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]) {
  const [address = '', prefix] = network.split('/')
  notPublic.addSubnet(address, Number(prefix), 'ipv4')
}

/** Of IPv6 only what is given out counts, without what carries IPv4 addresses or belongs to examples. */
const publicV6 = new BlockList()
publicV6.addSubnet('2000::', 3, 'ipv6')
const reservedV6 = new BlockList()
reservedV6.addSubnet('2001::', 23, 'ipv6')
reservedV6.addSubnet('2001:db8::', 32, 'ipv6')
reservedV6.addSubnet('2002::', 16, 'ipv6')
reservedV6.addSubnet('3fff::', 20, 'ipv6')

/** Whether a request to this address leaves for the internet, never for this machine or its own network. */
export function isPublicAddress(address: string): boolean {
  const canonical = canonicalAddress(address)
  const version = isIP(canonical)
  if (version === 4) return !notPublic.check(canonical, 'ipv4')
  return version === 6 && publicV6.check(canonical, 'ipv6') && !reservedV6.check(canonical, 'ipv6')
}

export interface OutsideRules {
  /** For tests: plain http to this machine, and to no other. */
  loopbackAllowed: boolean
}

/** An address that somebody gave us, as one that we may call; undefined when we may not. Its name is not looked up here. */
export function outsideUrl(text: string, { loopbackAllowed }: OutsideRules): URL | undefined {
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '') return undefined
  if (loopbackAllowed && isLoopback(url.hostname)) return /^https?:$/.test(url.protocol) ? url : undefined
  if (url.protocol !== 'https:') return undefined
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return isPublicAddress(host) ? url : undefined
  // A name with no dot, or of this machine, is never on the internet.
  return /\.[^.]+\.?$/.test(host) && !/(^|\.)localhost\.?$/.test(host) ? url : undefined
}

/** Looks a name up for one connection: the address that was judged is the one that is called. */
export const outsideLookup =
  ({ loopbackAllowed }: OutsideRules): LookupFunction =>
  (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '')
      const allowed = ({ address }: { address: string }) =>
        isPublicAddress(address) || (loopbackAllowed && isLoopback(canonicalAddress(address)))
      const [first] = found
      // One bad address among good ones is an attempt, too.
      if (!first || !found.every(allowed)) return done(new Error(`${hostname} is not an address of the internet`), '')
      if (options.all) done(null, found)
      else done(null, first.address, first.family)
    })
  }
