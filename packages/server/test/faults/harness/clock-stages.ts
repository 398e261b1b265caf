import { codeAt, stepAt } from '../../../src/modules/two-factor/totp.ts'
import type { Cluster, Figures, Stage } from './cluster.ts'
import { inTurn, killOne, revokeNow, seen } from './cluster-stages.ts'
import { ask, register } from './person.ts'
import type { ServerProcess } from './server-process.ts'
import { until } from './waiting.ts'

const now = () => performance.now()

type Readiness = 'ok' | 'off'

/** What an instance says of its clock. */
async function clockOf({ origin }: ServerProcess): Promise<Readiness> {
  const response = await fetch(`${origin}/ready`)
  return ((await response.json()) as { checks: { clock: Readiness } }).checks.clock
}

const says = (node: ServerProcess, what: Readiness) =>
  until(
    async () => (await clockOf(node)) === what,
    15_000,
    () => `${node.origin} does not say that its clock is ${what}`,
    200,
  )

/** The last instance has the wrong clock. */
const nodesOf = ({ nodes }: Cluster) => [nodes[0], nodes.at(-1)] as [ServerProcess, ServerProcess]

let people = 0

/** A code of the true time works at the instance with the wrong clock, once, and then nowhere any more. */
const useCode: Stage = async (cluster) => {
  const [right, wrong] = nodesOf(cluster)
  const person = await register(right.origin, `coded${++people}`)
  const { json } = await ask(right.origin, '/users/me/mfa/totp', { token: person.token, body: {} })
  const step = stepAt(new Date())
  const confirmed = await ask(right.origin, '/users/me/mfa/totp/confirm', {
    token: person.token,
    body: { code: codeAt(json.secret, step) },
  })
  if (confirmed.status !== 200) throw new Error(`A code was not taken: ${JSON.stringify(confirmed.json)}`)
  // One step early is allowed, and the present one is used.
  const code = codeAt(json.secret, step + 1)
  const enter = async ({ origin }: ServerProcess) => {
    const identity = { identifier: person.name, password: 'a quiet harbour at dawn', token_delivery: 'body' }
    const login = await ask(origin, '/auth/login', { body: identity })
    const { mfa_token } = login.json
    return (await ask(origin, '/auth/mfa/verify', { body: { mfa_token, method: 'totp', code } })).status
  }
  const statuses = [await enter(wrong), await enter(right), await enter(wrong)]
  const taken = statuses.filter((status) => status === 200).length
  return { codes_taken: Math.min(taken, 1), codes_taken_twice: Math.max(0, taken - 1) }
}

const asEver = inTurn(revokeNow, useCode, killOne({ rounds: 1 }), revokeNow)

/** F21: the clock of one instance is wrong from its start. */
export const wrongClock: Stage = async (cluster) => {
  const from = now()
  const [right, wrong] = nodesOf(cluster)
  await Promise.all([says(right, 'ok'), says(wrong, 'off')])
  return { ...(await asEver(cluster)), ...seen(cluster, from) }
}

/** F21: it jumps ahead, back behind the others, and is right again. */
export const jumpingClock =
  (turn: (seconds: number) => void): Stage =>
  async (cluster) => {
    const from = now()
    const [, wrong] = nodesOf(cluster)
    const all: Figures[] = []
    for (const seconds of [7_200, -7_200]) {
      turn(seconds)
      cluster.note(`clock of ${wrong.origin}: ${seconds} s`)
      await says(wrong, 'off')
      all.push(await asEver(cluster))
    }
    turn(0)
    await says(wrong, 'ok')
    const [ahead = {}, behind = {}] = all
    const slower = Object.fromEntries(
      Object.keys(ahead).map((name) => [name, Math.max(ahead[name] ?? 0, behind[name] ?? 0)]),
    )
    return { ...slower, ...seen(cluster, from) }
  }
