import type { IncomingMessage, ServerResponse } from 'node:http'
import { defineErrors } from '../errors.ts'
import type { ReadClient } from '../http/client-info.ts'
import type { Origins } from '../http/origins.ts'
import { toProblem } from '../http/problem.ts'
import { newCallId } from '../ids.ts'
import { networkOf } from '../limits/network.ts'
import { Seats } from './admission.ts'
import { isAllowedOrigin, refuseUpgrade } from './handshake.ts'

export const transportErrors = defineErrors({
  websocket_required: [
    'upgrade_required',
    'Only WebSocket connects here',
    'Connect with the WebSocket transport. Long polling needs requests of one client to reach one process: one instance, or STICKY_SESSIONS=true.',
  ],
})

export interface TransportDoorOptions {
  /** Sent with every answer of the transport, as with every other answer. */
  headers: Readonly<Record<string, string>>
  origins: Origins
  clientOf: ReadClient
  /** Whether all requests of one client reach this process. */
  pollingAllowed: boolean
  /** Connections from one address (IPv6: one /64), whoever is behind it. */
  socketsPerAddress: number
}

type Decide = (error: null, allowed: boolean) => void
interface Connection {
  /** `_query`: engine.io's own. */
  request: IncomingMessage & { _query?: unknown }
  once(event: 'close', listener: () => void): unknown
}

/** What is decided before anybody is asked who they are. */
export class TransportDoor {
  readonly #options: TransportDoorOptions
  readonly #seats: Seats

  constructor(options: TransportDoorOptions) {
    this.#options = options
    this.#seats = new Seats(options.socketsPerAddress)
  }

  /** A page of another origin could open a WebSocket with the visitor's cookies: CORS does not apply to it. */
  readonly allowRequest = (request: IncomingMessage, decide: Decide): void => {
    const isOwn = isAllowedOrigin(request.headers, this.#options.origins)
    const hasSeat = this.#seats.isFree(this.#networkOf(request))
    if (!isOwn) refuseUpgrade(request, '403 Forbidden')
    else if (!hasSeat) refuseUpgrade(request, '429 Too Many Requests')
    decide(null, isOwn && hasSeat)
  }

  readonly seat = (connection: Connection): void => {
    const leave = this.#seats.take(this.#networkOf(connection.request))
    if (leave) connection.once('close', leave)
    lighten(connection)
  }

  readonly middleware = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    for (const [name, value] of Object.entries(this.#options.headers)) response.setHeader(name, value)
    const isPoll = new URL(request.url ?? '/', 'http://x').searchParams.get('transport') === 'polling'
    if (isPoll && !this.#options.pollingAllowed && request.method !== 'OPTIONS') refusePolling(response)
    else next()
  }

  #networkOf(request: IncomingMessage): string {
    return networkOf(this.#options.clientOf(request).ip)
  }
}

/**
 * Of the request that opened a connection engine.io keeps everything for as long as the connection lives, with what it was
 * read and parsed by. Whoever enters later is asked for no more than this.
 */
function lighten(connection: Connection): void {
  const { headers, url, socket, _query } = connection.request
  connection.request = { headers, url, socket, connection: socket, _query } as Connection['request']
}

function refusePolling(response: ServerResponse): void {
  const problem = toProblem(transportErrors.websocket_required(), { instance: '/socket.io/', requestId: newCallId() })
  const body = JSON.stringify(problem)
  const type = { 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(body) }
  response.writeHead(problem.status, { ...type, upgrade: 'websocket' }).end(body)
}
