import type { IncomingMessage } from 'node:http'

/** Whether a host name or address, as URLs and sockets write it, is this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || /^(\[::1\]|::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(host)

/** What proxies and content networks say of whom they ask for; none of them is sent by somebody at this machine. */
const forwarding =
  /^(forwarded|via|x-forwarded(-.+)?|x-real-ip|x-(cluster-)?client-ip|true-client-ip|cf-.+|fastly-client-ip|x-original-(host|for|url)|x-envoy-.+|x-amzn-trace-id)$/

/** Whether a request was made on this machine and on nobody else's behalf: for pages of a development server. */
export function isFromHere(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  publicHost: string,
): boolean {
  const isForwarded = Object.keys(headers).some((name) => forwarding.test(name))
  // A page whose name was turned to this address afterwards (DNS rebinding) still says its own name.
  const host = headers.host ?? ''
  const isOurName = host === publicHost || isLoopback(host.replace(/:\d+$/, ''))
  return !isForwarded && isOurName && isLoopback(socket.remoteAddress ?? '')
}
