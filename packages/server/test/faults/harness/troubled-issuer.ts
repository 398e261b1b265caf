import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type MockIssuer, startMockIssuer } from '../../mock-issuer.ts'
import { Link } from './link.ts'

/** A provider whose way to us can break, and whose keys are somewhere else, as those of large ones are. */
export interface TroubledIssuer {
  way: Link
  keysAreOut: boolean
  /** Signs with a new key, and publishes no other. */
  rotate(): Promise<void>
  /** Set up under two names: one that is known from the start, one that nobody has used yet. */
  variables: Record<string, string>
  stop(): Promise<void>
}

export async function startTroubledIssuer(): Promise<TroubledIssuer> {
  const issuer: MockIssuer = await startMockIssuer()
  const way = await Link.to(issuer.url)
  issuer.url = way.url(issuer.url).replace(/\/$/, '')
  issuer.server.issuer.url = issuer.url
  const { keys } = issuer.server.issuer
  const pick = keys.get.bind(keys)
  let newest: string | undefined
  keys.get = () => pick(newest)

  const published = createServer((_request, response) => {
    if (troubled.keysAreOut) return void response.writeHead(503).end()
    const all = keys.toJSON().filter(({ kid }) => newest === undefined || kid === newest)
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: all }))
  })
  await new Promise<void>((done) => published.listen(0, '127.0.0.1', done))
  const jwks_uri = `http://127.0.0.1:${(published.address() as AddressInfo).port}/jwks`
  issuer.does = { metadata: (body) => Object.assign(body, { jwks_uri }) }

  const troubled: TroubledIssuer = {
    way,
    keysAreOut: false,
    rotate: async () => {
      newest = (await keys.generate('RS256')).kid
    },
    variables: { ...issuer.settings('KNOWN'), ...issuer.settings('STRANGER') },
    stop: async () => {
      published.closeAllConnections()
      published.close()
      await way.close()
      await issuer.stop()
    },
  }
  return troubled
}
