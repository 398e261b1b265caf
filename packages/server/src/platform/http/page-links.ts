import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What of a page tells where its neighbours are: cursors, or its number. */
export interface Paging {
  next_cursor?: string | null | undefined
  prev_cursor?: string | null | undefined
  number?: number | undefined
  pages?: number | undefined
}

/** What lies between this server and its callers takes few kilobytes of headers; cursors stand in the answer too. */
const maxLength = 2000

/**
 * RFC 8288: where the pages before and behind this one are, on the server they come from. Without a header where there
 * are none, and where their addresses are too long for one.
 */
export function linkPages({ method, url }: FastifyRequest, reply: FastifyReply, page: Paging): void {
  if (method !== 'GET' && method !== 'HEAD') return
  const links = Object.entries(neighbours(page)).map(([rel, change]) => `<${addressOf(url, change)}>; rel="${rel}"`)
  const header = links.join(', ')
  if (header !== '' && header.length <= maxLength) reply.header('link', header)
}

type Change = readonly [name: string, value: string]

function neighbours({ next_cursor, prev_cursor, number, pages = 0 }: Paging): Record<string, Change> {
  if (number !== undefined) {
    return {
      ...(number > 1 && pages > 0 ? { prev: ['page', String(Math.min(number - 1, pages))] } : {}),
      ...(number < pages ? { next: ['page', String(number + 1)] } : {}),
    }
  }
  return {
    ...(prev_cursor ? { prev: ['cursor', prev_cursor] } : {}),
    ...(next_cursor ? { next: ['cursor', next_cursor] } : {}),
  }
}

function addressOf(url: string, [name, value]: Change): string {
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  const parts = end === -1 ? [] : url.slice(end + 1).split('&')
  const kept = parts.filter((part) => part !== '' && !isOf(part, name))
  const address = `${path}?${[...kept, `${name}=${encodeURIComponent(value)}`].join('&')}`
  return address.replace(/[^!-~]|[<>"]/g, encodeURIComponent)
}

/** Whether this part of an address is the parameter, however its name is written. */
function isOf(part: string, name: string): boolean {
  const end = part.indexOf('=')
  const written = end === -1 ? part : part.slice(0, end)
  if (written === name) return true
  // Decoding is what costs, and most names with percent signs are of filters.
  return written.includes('%') && written.length <= name.length * 3 && new URLSearchParams(part).has(name)
}

/** For every list that takes a cursor and is answered as an object. */
export function linkPagesOfLists(app: Pick<FastifyInstance, 'addHook'>): void {
  app.addHook('preSerialization', async (request, reply, payload) => {
    const page = (payload as { page?: Paging } | null)?.page
    if (page?.next_cursor && takesCursor(request)) linkPages(request, reply, page)
    return payload
  })
}

function takesCursor({ routeOptions }: FastifyRequest): boolean {
  const { querystring } = (routeOptions.schema ?? {}) as { querystring?: { properties?: Record<string, unknown> } }
  return querystring?.properties?.cursor !== undefined
}
