import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Whether a request carries METRICS_TOKEN; nobody does where none is set. */
export type IsMonitor = (request: Pick<IncomingMessage, 'headers'>) => boolean

export function monitorByToken(token: string): IsMonitor {
  const expected = digest(token)
  return ({ headers }) => {
    const [, given] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
    return token !== '' && given !== undefined && timingSafeEqual(digest(given), expected)
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
