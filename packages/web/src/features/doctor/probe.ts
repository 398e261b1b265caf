import type { client } from '../../app/client.ts'

export type Arrival = Awaited<ReturnType<typeof client.api.POST<'/api/v1/doctor/probe', { body: object }>>>

export type Answer =
  | { kind: 'arrived'; arrival: Arrival; sentAt: number; heardAt: number }
  /** A problem of ours, by its code. */
  | { kind: 'refused'; code: string; status: number }
  /** Something between us and the server answered. */
  | { kind: 'other'; status: number }
  | { kind: 'silent' }

const answerMs = 15_000

/** Asks as the app does, but with nothing that repeats, renews or explains: it is to be seen as it is. */
export async function probe(padding = 0, csrf = 'check'): Promise<Answer> {
  const sentAt = Date.now()
  try {
    const response = await fetch('/api/v1/doctor/probe', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
      body: JSON.stringify(padding > 0 ? { padding: 'x'.repeat(padding) } : {}),
      signal: AbortSignal.timeout(answerMs),
    })
    const heardAt = Date.now()
    const body = (await response.json().catch(() => ({}))) as Partial<Arrival> & { code?: string }
    const { status } = response
    if (typeof body.server_time === 'string') return { kind: 'arrived', arrival: body as Arrival, sentAt, heardAt }
    return typeof body.code === 'string' ? { kind: 'refused', code: body.code, status } : { kind: 'other', status }
  } catch {
    return { kind: 'silent' }
  }
}

/** The value that goes with the session; any other one will do where there is none. */
export async function csrfValue(): Promise<string> {
  try {
    const response = await fetch('/api/v1/auth/csrf', { signal: AbortSignal.timeout(answerMs) })
    const body = (await response.json()) as { csrf_access_token?: string }
    return body.csrf_access_token ?? 'check'
  } catch {
    return 'check'
  }
}
