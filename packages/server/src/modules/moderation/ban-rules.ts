import { isIPv6 } from 'node:net'
import { platformErrors } from '../../platform/errors.ts'
import { addressList, canonicalNetwork } from '../../platform/limits/address-list.ts'
import { networkOf } from '../../platform/limits/network.ts'
import type { NewBan } from './moderation.schema.ts'

/** A ban without an end, in the column of those with one. */
export const forever = '9999-12-31T23:59:59.999Z'

/** Wider ones shut out whole countries by a typing error. */
const widest = { ipv4: 8, ipv6: 16 }

export const invalidField = (pointer: string, message: string) =>
  platformErrors.validation_failed({ detail: message, members: { errors: [{ pointer, code: 'invalid', message }] } })

/** Null for one without an end. Throws validation_failed for one that has passed. */
export function endOf({ until }: NewBan, now: Date): string | null {
  if (until === undefined || until === null) return null
  const end = new Date(until)
  if (Number.isNaN(end.getTime()) || end <= now) throw invalidField('/until', 'The end must lie in the future')
  return end.toISOString()
}

/**
 * The one spelling. A single IPv6 address stands for its /64: whoever has one has all of them. Throws validation_failed.
 */
export function bannableNetwork(text: string): string {
  const canonical = canonicalNetwork(text)
  if (canonical === undefined) throw invalidField('/network', 'This is neither an address nor a network')
  const [address = '', prefix] = canonical.split('/')
  if (prefix === undefined) return isIPv6(address) ? networkOf(address) : address
  const least = isIPv6(address) ? widest.ipv6 : widest.ipv4
  if (Number(prefix) < least) throw invalidField('/network', `This network is too wide: at least /${least}`)
  return canonical
}

export const coversAddress = (network: string, address: string): boolean => addressList([network])(address)
