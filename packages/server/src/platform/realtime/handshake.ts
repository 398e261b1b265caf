import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Origins } from '../http/origins.ts'

/** Engine.IO would answer 400 to an upgrade it may not make, and writes nothing once this was said. */
export function refuseUpgrade({ socket, upgrade }: IncomingMessage & { upgrade?: boolean }, status: string): void {
  if (upgrade) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** No Origin at all: no page of a browser. */
export const isAllowedOrigin = ({ origin }: IncomingHttpHeaders, origins: Origins): boolean =>
  origin === undefined || origins.has(origin)

/** A browser says so itself: by Origin (already checked), or by Fetch Metadata where a same-origin GET carries no Origin. */
export const isOwnPage = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] === 'same-origin'
