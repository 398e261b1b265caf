import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type OutsideRules, outsideLookup, outsideUrl } from '../../platform/http/outside-address.ts'

/** Ports below 1024 belong to other services, and these above it are databases and the like. */
const refusedPorts = new Set([2375, 2376, 3306, 5432, 6379, 6443, 9200, 10_250, 11_211, 27_017])

/** An address that a webhook may have, or undefined. */
export function webhookUrl(text: string, rules: OutsideRules): URL | undefined {
  const url = outsideUrl(text, rules)
  if (!url || rules.loopbackAllowed) return url
  const port = url.port === '' ? 443 : Number(url.port)
  return port === 443 || (port >= 1024 && !refusedPorts.has(port)) ? url : undefined
}

export interface OutgoingMessage {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  signal: AbortSignal
}

/**
 * Answers the status. The address was looked up once and judged, and that one is called; a redirect is an answer like any
 * other, and is not followed.
 */
export function postMessage(
  { url: text, headers, body, signal }: OutgoingMessage,
  rules: OutsideRules,
): Promise<number> {
  const url = webhookUrl(text, rules)
  if (!url) return Promise.reject(new Error('The address is none of the internet'))
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      lookup: outsideLookup(rules),
      agent: false,
      signal,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Atrium-Webhooks/1',
      },
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      // What it says besides is for nobody.
      response.destroy()
    })
    sent.end(body)
  })
}
