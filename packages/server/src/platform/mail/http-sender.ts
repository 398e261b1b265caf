import { MailNotSentError } from './mail-transport.ts'

export interface MailRequest {
  service: string
  url: string
  apiKey: string
  body: object
  headers?: Readonly<Record<string, string>>
}

const limitMs = 30_000

/** Another request with the same mail would be refused as well. Of other 4xx the cause is the key, the account or the load. */
const refusals = new Set([400, 413, 422])

/** Hands a mail to a service that takes it as JSON. */
export async function postMail({ service, url, apiKey, body, headers }: MailRequest): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    // The key goes to that address and to no other.
    redirect: 'error',
    signal: AbortSignal.timeout(limitMs),
  }).catch((error: Error) => {
    const reason = error.cause instanceof Error ? error.cause.message : error.message
    throw new MailNotSentError(`${service} is out of reach: ${reason}`, { permanent: false, cause: error })
  })
  const answer = await response.text().catch(() => '')
  if (response.ok) return
  throw new MailNotSentError(`${service} answered ${response.status}: ${answer.slice(0, 300)}`, {
    permanent: refusals.has(response.status),
  })
}
