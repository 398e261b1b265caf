import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Preloaded into a server: on SIGUSR2 it prints the 99th percentile of the event loop's delay since the last time. */
const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()
process.on('SIGUSR2', () => {
  console.log(`loop lag p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`)
  delay.reset()
})
