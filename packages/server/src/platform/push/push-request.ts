import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type OutsideRules, outsideLookup, outsideUrl } from '../http/outside-address.ts'

export interface PushRequest {
  endpoint: string
  authorization: string
  body: Buffer
  /** How long the service keeps it for a browser that is not there. */
  ttlSeconds: number
  signal: AbortSignal
}

/** Answers the status; rejects when the service cannot be reached, or is no service of the internet. */
export function postPush(push: PushRequest, rules: OutsideRules): Promise<number> {
  const url = outsideUrl(push.endpoint, rules)
  if (!url) return Promise.reject(new Error('The endpoint is not an address of the internet'))
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      lookup: outsideLookup(rules),
      agent: false,
      signal: push.signal,
      headers: {
        authorization: push.authorization,
        'content-encoding': 'aes128gcm',
        'content-type': 'application/octet-stream',
        'content-length': push.body.length,
        ttl: String(push.ttlSeconds),
        urgency: 'normal',
      },
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      // What it says besides is for nobody; a redirect is not followed.
      response.destroy()
    })
    sent.end(push.body)
  })
}
