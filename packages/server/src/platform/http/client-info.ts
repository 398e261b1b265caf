import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { ClientInfo } from '../actor.ts'
import { type AddressList, addressList } from '../limits/address-list.ts'
import { canonicalAddress } from '../limits/network.ts'

/** Who is at the other end of a request, the same for HTTP and for the handshake of a socket. */
export type ReadClient = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => ClientInfo

export function clientReader(trustedProxies: readonly string[]): ReadClient {
  const trusted = trustList(trustedProxies)
  return ({ socket, headers }) => ({
    ip: canonicalAddress(clientAddress(socket.remoteAddress ?? '', headers['x-forwarded-for'], trusted)),
    userAgent: oneLine(headers['user-agent'] ?? ''),
  })
}

/** The last address that is not one of the operator's proxies: whatever stands before it, a client may have made up. */
function clientAddress(
  peer: string,
  forwarded: string | string[] | undefined,
  trusted: AddressList | undefined,
): string {
  if (!trusted) return peer
  const hops = [...[forwarded ?? []].flat().join(',').split(','), peer].map((hop) => hop.trim()).reverse()
  const first = hops.find((hop) => !trusted(hop)) ?? hops.at(-1) ?? peer
  // A proxy may pass on what its client made up: only an address is taken for one.
  return isIP(first) ? first : peer
}

/** The operator's own proxies; undefined when there are none and nobody is believed. */
export const trustList = (entries: readonly string[]): AddressList | undefined =>
  entries.length === 0 ? undefined : addressList(entries)

const maxAgentLength = 500

/** Text of a stranger that is kept and shown: no line breaks, no terminal or direction codes, no more than 500 characters. */
function oneLine(text: string): string {
  if (text.length <= maxAgentLength && /^[ -~]*$/.test(text)) return text
  return text
    .slice(0, 2 * maxAgentLength)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, maxAgentLength)
    .toWellFormed()
}
