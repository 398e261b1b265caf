import { BlockList, isIP, isIPv4 } from 'node:net'
import { canonicalAddress } from './network.ts'

/** One spelling of an address or a network (`10.0.0.0/8`); undefined for any other text. */
export function canonicalNetwork(text: string): string | undefined {
  const [address = '', prefix, ...more] = text.trim().split('/')
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return undefined
  const canonical = canonicalAddress(address)
  if (prefix === undefined) return canonical
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined
  // IPv4 inside IPv6 became IPv4, and its network with it.
  const bits = isIPv4(canonical) && !isIPv4(address) ? Number(prefix) - 96 : Number(prefix)
  return bits >= 0 && bits <= (isIPv4(canonical) ? 32 : 128) ? `${canonical}/${bits}` : undefined
}

/** Whether an address is one of these, or within one of these networks. */
export type AddressList = (address: string) => boolean

export function addressList(entries: readonly string[]): AddressList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address))
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
