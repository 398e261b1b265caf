import cluster from 'node:cluster'
import { createApp } from './app.ts'
import type { Config } from './config/config.ts'
import type { AtriumModule } from './extend/module.ts'
import { currentCall } from './platform/context.ts'
import { onWorkerStop, workerNumber } from './workers.ts'

/** Time from the first signal to the exit; a second signal exits at once. */
const shutdownLimitMs = 15_000

/** Runs the server until it is told to stop. */
export async function serve(config: Config, modules: readonly AtriumModule[] = []): Promise<void> {
  const app = await createApp(config, { modules })
  const stop = once(async (code: number) => {
    setTimeout(() => process.exit(1), shutdownLimitMs).unref()
    await app.close()
    process.exit(code)
  })
  if (cluster.isWorker) {
    // A terminal, or a service manager, may signal all of them, and the one that supervises says it once more.
    onWorkerStop(() => stop(0))
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(0))
  } else {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (!stop(0)) process.exit(1)
      })
    }
  }
  const give = (error: unknown, event: string) => {
    app.http.log.fatal({ err: error }, event)
    stop(1)
  }
  process.on('uncaughtException', (error: unknown) => give(error, 'uncaughtException'))
  process.on('unhandledRejection', (error: unknown) => {
    // What one request, one command or one turn of a job left to itself concerns no other; who it was of is known.
    const call = currentCall()
    if (!call) return give(error, 'unhandledRejection')
    const { requestId: request_id, source, path } = call
    app.http.log.error({ err: error, request_id, source, path }, 'a promise that nobody waited for failed')
  })

  const setupToken = workerNumber === 1 ? await app.services.setup.prepare() : undefined
  const port = await app.listen()
  if (workerNumber !== 1) return
  const address = process.env.PUBLIC_URL ? config.publicUrl.origin : `http://localhost:${port}`
  const lines = [`Atrium is running at ${address}`, `Data folder: ${config.dataDir}`]
  if (config.workers > 1) lines.push(`Processes: ${config.workers}`)
  if (config.mail.driver === 'mailbox') lines.push(`Mails are kept, and shown at ${address}/dev/mailbox`)
  if (setupToken) lines.push(`Make the first administrator (once): ${address}/setup#token=${setupToken}`)
  else if (await app.services.setup.isRequired()) {
    lines.push('There is no administrator yet. The instance that started first printed the link;')
    lines.push('a new one: npm run atrium -- setup-link')
  }
  console.log(`\n${lines.map((line) => `  ${line}`).join('\n')}\n`)
}

/** Runs the first call only; answers whether this was it. */
function once(work: (code: number) => Promise<void>): (code: number) => boolean {
  let called = false
  return (code) => {
    if (called) return false
    called = true
    work(code).catch((error: unknown) => {
      console.error(error)
      process.exit(1)
    })
    return true
  }
}
