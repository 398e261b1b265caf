import { cpuSeconds } from '../harness/machine.mjs'

/**
 * One measurement: `work` done by `worker` while the processes `pids` are watched. Throws when an answer was wrong: a
 * rate with errors is no rate.
 */
export async function measure(name, pids, worker, work) {
  const used = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  const [started, before] = [performance.now(), used()]
  const { problems, firstProblem, ...result } = await worker.ask(work)
  const [cpu, seconds] = [used() - before, (performance.now() - started) / 1000]
  if (problems > 0) throw new Error(`${name}: ${problems} wrong answers, the first: ${firstProblem}`)
  return { ...result, serverCpu: cpu / seconds, microsecondsEach: (cpu / result.answers) * 1e6 }
}
