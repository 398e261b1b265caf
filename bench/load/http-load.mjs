// Load from its own core: keep-alive connections, each with one request on its way. Every answer is checked.
import { converse } from './conversation.mjs'
import { scripts } from './scripts.mjs'

process.on('disconnect', () => process.exit())
process.on('message', async (job) => process.send(await run(job)))

/** Where there are several `sites`, they share the connections; each is the port of a server and its people. */
async function run({ port, people, sites = [{ port, people }], script, connections, warmSeconds, seconds }) {
  const each = connections / sites.length
  const lanes = sites.flatMap(({ port, people }) =>
    Array.from({ length: each }, (_, index) => ({ port, player: scripts[script](people, index, each) })),
  )
  const players = lanes.map(({ player }) => player)
  const state = { stopped: false, counting: false, answers: 0, latencies: [], problems: [] }
  const talks = lanes.map(({ port, player }) => converse(port, player, state))
  stayAwake(state)
  await pause(warmSeconds)
  state.counting = true
  const started = performance.now()
  await pause(seconds)
  state.counting = false
  const elapsed = (performance.now() - started) / 1000
  state.stopped = true
  await Promise.all(talks)

  const latencies = Float64Array.from(state.latencies).sort()
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]
  return {
    answers: state.answers,
    rate: latencies.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    problems: state.problems.length,
    firstProblem: state.problems[0],
    records: players.flatMap((player) => player.records ?? []),
  }
}

/** Never sleeps: else each answer would pay, in the server's time, for waking this core up. */
function stayAwake(state) {
  if (!state.stopped) setImmediate(stayAwake, state)
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
