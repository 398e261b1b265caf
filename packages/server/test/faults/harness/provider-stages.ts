import { returnFrom } from '../../mock-issuer.ts'
import type { Stage } from './cluster.ts'
import { percentile } from './evidence.ts'
import { signIn } from './person.ts'
import type { TroubledIssuer } from './troubled-issuer.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()
/** Keys that nobody knows yet are asked for once a minute at most. */
const rotationLimitMs = 75_000
/** After a failure a provider is left in peace for half a minute. */
const restLimitMs = 45_000
const paceMs = 400

interface Knock {
  at: number
  ms: number
  status: number
  retryAfter: number
}

/** F28: a provider has every trouble a provider can have, and only its own sign-in notices. */
export const troubledProvider =
  ({ seconds, isPatient }: { seconds: number; isPatient: boolean }, issuer: () => TroubledIssuer): Stage =>
  async ({ installation: { origin }, chat, probes, note }) => {
    const door = new Door(origin)
    const signIns = steadySignIns(origin, chat.readers[0]?.person.name ?? '')
    const entered = { known: 0, refused: 0, keys: 0 }
    const during = async (what: string, work: () => Promise<unknown>) => {
      note(`the provider: ${what}`)
      for (const end = now() + seconds * 1000; now() < end; await pause(paceMs)) await work()
    }
    try {
      const began = now()
      await during('is well', async () => void ((await door.enter('known')) && entered.known++))
      const ill = now()

      issuer().keysAreOut = true
      let unkept = 0
      await during(
        'its keys cannot be fetched',
        async () => void ((await door.enter('known')) ? entered.keys++ : unkept++),
      )
      issuer().keysAreOut = false

      const knocks: Knock[] = []
      const unclear: string[] = []
      for (const trouble of ['silence', 'refuse'] as const) {
        // Those who are at the provider when it happens, and come back to us.
        const there = [await door.leave('known'), await door.leave('known')]
        issuer().way[trouble]()
        const backs = there.map(async (each) => {
          const to = await door.comeBack(each)
          if (to.includes('error=provider_unavailable')) entered.refused++
          else unclear.push(to)
        })
        await during(trouble, async () => knocks.push(await door.knock('stranger')))
        await Promise.all(backs)
        issuer().way.restore()
      }
      const well = now()
      const againMs = await until(
        () => door.enter('known'),
        restLimitMs,
        () => 'nobody comes in again',
      )

      let rotatedMs = 0
      let laterMs = 0
      if (isPatient) {
        note('the provider: other keys')
        await issuer().rotate()
        rotatedMs = await until(
          () => door.enter('known'),
          rotationLimitMs,
          () => 'its new keys are not known',
          1_000,
        )
        const isOpen = async () => (await door.knock('stranger')).status === 302
        laterMs = await until(isOpen, restLimitMs, () => 'it is not asked again', 500).then(() => now() - well)
      }
      const before = probes.figures(began, ill)
      const { asked, failed, p99Ms } = probes.figures(ill, well)
      const { done, failures, times } = await signIns.end()
      const refused = knocks.filter(({ status }) => status === 503)
      return {
        lasted_s: (well - ill) / 1000,
        entered: entered.known,
        with_kept_keys: entered.keys,
        without_keys: unkept,
        refused: refused.length + entered.refused,
        refused_otherwise: knocks.length - refused.length + unclear.length,
        without_retry_after: refused.filter(({ retryAfter }) => !(retryAfter > 0)).length,
        slowest_refusal_ms: Math.max(0, ...knocks.map(({ ms }) => ms)),
        sign_ins: done,
        sign_ins_failed: failures.length,
        sign_in_before_ms: percentile(
          times.filter(({ at }) => at < ill).map(({ ms }) => ms),
          0.95,
        ),
        sign_in_ms: percentile(
          times.filter(({ at }) => at >= ill && at < well).map(({ ms }) => ms),
          0.95,
        ),
        asked,
        failed,
        p99_before_ms: before.p99Ms,
        p99_ms: p99Ms,
        again_ms: againMs,
        ...(isPatient ? { rotated_ms: rotatedMs, asked_again_ms: laterMs } : {}),
      }
    } finally {
      issuer().way.restore()
      await signIns.end()
    }
  }

/** Somebody signs in with a password, again and again. */
function steadySignIns(origin: string, name: string) {
  const failures: string[] = []
  const times: { at: number; ms: number }[] = []
  let isOver = false
  const running = (async () => {
    while (!isOver) {
      const at = now()
      await signIn(origin, name).then(
        () => times.push({ at, ms: now() - at }),
        (error: unknown) => failures.push(String(error)),
      )
      await pause(paceMs)
    }
  })()
  return {
    async end() {
      isOver = true
      await running
      return { done: times.length, failures, times }
    },
  }
}

/** Where people come in who have an account elsewhere, as browsers do it. */
class Door {
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  async knock(provider: string): Promise<Knock> {
    const at = now()
    const answer = await this.#go(`/oauth/${provider}/initiate`)
    await answer.body?.cancel()
    return { at, ms: now() - at, status: answer.status, retryAfter: Number(answer.headers.get('retry-after')) }
  }

  /** To the provider, which sends them back: the way back to us, with what their browser keeps. */
  async leave(provider: string): Promise<{ path: string; cookie: string }> {
    const answer = await this.#go(`/oauth/${provider}/initiate`)
    await answer.body?.cancel()
    if (answer.status !== 302) throw new Error(`initiate: ${answer.status}`)
    const cookies = answer.headers.getSetCookie().map((each) => each.split(';', 1)[0])
    return { path: await returnFrom(answer.headers.get('location') ?? ''), cookie: cookies.join('; ') }
  }

  /** Where they end. */
  async comeBack({ path, cookie }: { path: string; cookie: string }): Promise<string> {
    const answer = await this.#go(path, { cookie })
    await answer.body?.cancel()
    return answer.headers.get('location') ?? String(answer.status)
  }

  /** Whether they are in. */
  async enter(provider: string): Promise<boolean> {
    return (await this.comeBack(await this.leave(provider))) === '/'
  }

  #go(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.#origin + path, { headers, redirect: 'manual', signal: AbortSignal.timeout(20_000) })
  }
}
