import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Not before it is asked for: with another flag V8 takes no code that was compiled earlier, and a start is slow. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

async function tell(): Promise<void> {
  collect ??= collector()
  collect()
  // Pages that are free now are given back by other threads.
  await pause(250)
  collect()
  await pause(250)
  const { rss, heapUsed, external } = process.memoryUsage()
  const shown = [rss, heapUsed, external].map((bytes) => (bytes / 1_048_576).toFixed(2))
  console.error(`held resident ${shown[0]} heap ${shown[1]} external ${shown[2]}`)
}

/** Preloaded into a server: on SIGWINCH it says what it holds once its garbage is collected, in megabytes. */
process.on('SIGWINCH', () => void tell())
