import type { EngineGroup } from '../../../../../scripts/engines.mjs'
import type { Cluster, Stage } from './cluster.ts'
import { catchUp } from './evidence.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()
/** So long nobody notices, or nobody decides. */
const awayMs = 1_000

/** Milliseconds until something was acknowledged that was sent after this time. */
async function writesAgain({ chat }: Cluster, since: number): Promise<number> {
  const { lines } = chat.history
  await until(
    () => {
      const sent = new Set(lines.flatMap((line) => (line.op === 'send' && line.t >= since ? [line.attempt] : [])))
      const early = lines.flatMap((line) => (line.op === 'send' && line.t < since ? [line.attempt] : []))
      for (const attempt of early) sent.delete(attempt)
      return lines.some((line) => line.op === 'send' && line.phase === 'ok' && sent.has(line.attempt))
    },
    30_000,
    () => 'nothing is written any more',
  )
  return now() - since
}

/** The test's own connection notices the loss when it is used, as every other one. */
const ourselves = ({ installation }: Cluster): Promise<boolean> =>
  installation.db
    .selectFrom('streams')
    .select('id')
    .limit(1)
    .execute()
    .then(
      () => true,
      () => false,
    )

/**
 * F9: `kill -9` of the server that is written to. A standby is promoted; the equals of a cluster need nobody. Then the
 * old primary comes back as it was, which nobody should let it, and an instance starts anew that knows of both.
 */
export const loseServer =
  (group: () => EngineGroup, { promotes }: { promotes: boolean }): Stage =>
  async (cluster) => {
    const { note, nodes, probes, installation, chat } = cluster
    const [first, second] = group().members
    await pause(1_000)
    const killed = now()
    note('kill -9 of the server that is written to')
    await first?.crash()
    if (promotes) {
      await pause(awayMs)
      await second?.promote()
      note('the standby is promoted')
    }
    const lost = promotes ? now() : killed
    const writes_again_ms = await writesAgain(cluster, lost)
    await until(
      () => ourselves(cluster),
      20_000,
      () => 'the test itself does not find the database',
    )
    const caught_up_ms = await catchUp(installation, chat.readers, chat.conversations)
    const over = now()
    if (promotes) {
      await first?.restart()
      note('the old primary is back')
    }
    const [node] = nodes
    await node?.stop()
    await node?.start()
    await writesAgain(cluster, now())
    const { asked, refused, failed, slowestMs } = probes.figures(killed, over)
    return { writes_again_ms, caught_up_ms, asked, refused, other_errors: failed - refused, slowest_ms: slowestMs }
  }
