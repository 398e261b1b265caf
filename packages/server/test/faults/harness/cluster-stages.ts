import type { Cluster, Figures, Stage } from './cluster.ts'
import { catchUp, percentile } from './evidence.ts'
import { pause } from './waiting.ts'

const now = () => performance.now()

const backInStep = ({ installation, chat }: Cluster) => catchUp(installation, chat.readers, chat.conversations)

/** What others saw of a fault that began at `from`. */
export function seen({ probes, chat }: Cluster, from: number): Figures {
  const { asked, failed, refused, unanswered, p99Ms } = probes.figures(from)
  const gaps = chat.pushGaps(from)
  for (const complaint of probes.complaints(from).slice(0, 5)) console.log(`not served: ${complaint}`)
  return {
    asked,
    failed,
    refused,
    unanswered,
    p99_ms: p99Ms,
    told: gaps.length,
    push_gap_p99_ms: percentile(gaps, 0.99),
    push_gap_ms: Math.max(0, ...gaps),
  }
}

/** F2: one of several is killed, its clients go to another, and it comes back. */
export const killOne =
  ({ rounds }: { rounds: number }): Stage =>
  async (cluster) => {
    const { nodes, chance, note, allConnected } = cluster
    const from = now()
    const moved: number[] = []
    const caughtUp: number[] = []
    for (let round = 0; round < rounds; round++) {
      await pause(chance.between(500, 1500))
      const victim = chance.pick(nodes)
      note(`kill -9 ${victim.origin}`)
      await victim.kill()
      const killed = now()
      await pause(100)
      await allConnected()
      moved.push(now() - killed)
      await backInStep(cluster)
      caughtUp.push(now() - killed)
      await victim.start()
      note(`${victim.origin} is back`)
    }
    await pause(500)
    return { kills: rounds, moved_ms: Math.max(...moved), caught_up_ms: Math.max(...caughtUp), ...seen(cluster, from) }
  }

/** F3: each is stopped as an operator does and started again, in turn. */
export const rollingRestart =
  ({ rounds }: { rounds: number }): Stage =>
  async (cluster) => {
    const { nodes, note, allConnected } = cluster
    const from = now()
    const stops: { code: number | null; ms: number }[] = []
    const ready: number[] = []
    for (let round = 0; round < rounds; round++) {
      for (const node of nodes) {
        note(`SIGTERM ${node.origin}`)
        stops.push(await node.stop())
        ready.push(await node.start())
        note(`${node.origin} is back`)
        await allConnected()
        await backInStep(cluster)
      }
    }
    return {
      restarts: stops.length,
      bad_exits: stops.filter(({ code }) => code !== 0).length,
      exit_ms: Math.max(...stops.map(({ ms }) => ms)),
      ready_ms: Math.max(...ready),
      ...seen(cluster, from),
    }
  }

/** F4: one is stopped in its tracks and goes on later as if nothing had been. */
export const holdOne =
  ({ seconds }: { seconds: number }): Stage =>
  async (cluster) => {
    const { nodes, chance, note } = cluster
    const from = now()
    const victim = chance.pick(nodes)
    note(`SIGSTOP ${victim.origin}`)
    victim.hold()
    await pause(seconds * 1000)
    victim.resume()
    note(`SIGCONT ${victim.origin}`)
    const resumed = now()
    await cluster.allConnected()
    await backInStep(cluster)
    return { held_s: seconds, caught_up_ms: now() - resumed, ...seen(cluster, from) }
  }

/** Ends a session while all is well, for the bound of one second. */
export const revokeNow: Stage = async ({ revocations }) => {
  const { restMs, socketMs } = await revocations.revoke(0)
  return { refused_ms: restMs, closed_ms: socketMs }
}

/** One after the other, as one; where both measured the same, the slower counts. */
export const inTurn =
  (...stages: readonly Stage[]): Stage =>
  async (cluster) => {
    const all: Figures = {}
    for (const stage of stages) {
      for (const [name, value] of Object.entries(await stage(cluster))) all[name] = Math.max(value, all[name] ?? value)
    }
    return all
  }
