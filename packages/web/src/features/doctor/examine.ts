import { checkPush, checkStorage, checkTimeZone } from './browser-checks.ts'
import { checkCookies, checkSession, judgeAnswer } from './connection-checks.ts'
import { type Found, worstFirst } from './findings.ts'
import { csrfValue, probe } from './probe.ts'
import { checkDelivery, checkPolicy, checkPolling, checkStream, checkUpload, checkWebSocket } from './way-checks.ts'

/** In the order in which they are made. */
export const checkIds = [
  'connection',
  'cookies',
  'session',
  'upload',
  'live',
  'polling',
  'stream',
  'policy',
  'delivery',
  'storage',
  'push',
  'time',
] as const
export type CheckId = (typeof checkIds)[number]
export type CheckState = 'waiting' | 'running' | 'fine' | 'found' | 'skipped'

export interface Examination {
  states: Readonly<Record<CheckId, CheckState>>
  /** The worst first. */
  found: readonly Found[]
  isDone: boolean
  /** The operator has switched it off. */
  isClosed: boolean
}

/** Browsers and proxies that leave a question open hold nothing else up. */
const patienceMs = 20_000
const late = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patienceMs))

const allOf = (state: CheckState) => Object.fromEntries(checkIds.map((id) => [id, state])) as Examination['states']

export const nothingYet: Examination = { states: allOf('waiting'), found: [], isDone: false, isClosed: false }

export interface Person {
  isSignedIn: boolean
  timeZone: string | null
}

/** Looks at one thing after the other, and says each time how far it is. */
export async function examine(person: Person, tell: (state: Examination) => void): Promise<void> {
  let now = nothingYet
  const change = (next: Partial<Examination>) => {
    now = { ...now, ...next }
    tell(now)
  }
  const mark = (id: CheckId, state: CheckState) => change({ states: { ...now.states, [id]: state } })
  const run = async (id: CheckId, look: () => Found[] | Promise<Found[]>) => {
    mark(id, 'running')
    // A browser that lacks something in the middle of a check is no reason to stop looking.
    const looked = Promise.resolve()
      .then(look)
      .catch(() => [])
    const result = await Promise.race([looked, late()])
    if (!result) return mark(id, 'skipped')
    change({ found: worstFirst([...now.found, ...result]) })
    mark(id, result.length > 0 ? 'found' : 'fine')
  }

  mark('connection', 'running')
  const csrf = person.isSignedIn ? await csrfValue() : 'check'
  const first = await probe(0, csrf)
  if (first.kind === 'refused' && first.status === 404) return change({ isClosed: true, isDone: true })
  await run('connection', () => judgeAnswer(first))
  if (first.kind === 'arrived') {
    await run('cookies', () => checkCookies(csrf))
    await run('session', () => checkSession(first.arrival, person.isSignedIn))
    await run('upload', () => checkUpload(csrf))
  } else for (const id of ['cookies', 'session', 'upload'] as const) mark(id, 'skipped')
  if (first.kind !== 'silent') {
    await run('live', checkWebSocket)
    await run('polling', checkPolling)
    await run('stream', checkStream)
    await run('policy', checkPolicy)
  } else for (const id of ['live', 'polling', 'stream', 'policy'] as const) mark(id, 'skipped')
  await run('delivery', checkDelivery)
  await run('storage', checkStorage)
  await run('push', checkPush)
  await run('time', () => checkTimeZone(person.timeZone))
  change({ isDone: true })
}
