import type { IncomingMessage } from 'node:http'

/** Whether a host name or address, as URLs and sockets write it, is this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || /^(\[::1\]|::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(host)

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/** Whether a request was made on this machine and on nobody else's behalf: for pages of a development server. */
export function isFromHere(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  publicHost: string,
): boolean {
  const isForwarded = forwarding.some((name) => headers[name] !== undefined)
  // A page whose name was turned to this address afterwards (DNS rebinding) still says its own name.
  const host = headers.host ?? ''
  const isOurName = host === publicHost || isLoopback(host.replace(/:\d+$/, ''))
  return !isForwarded && isOurName && isLoopback(socket.remoteAddress ?? '')
}
