import { chmodSync, mkdirSync } from 'node:fs'
import { createApp } from './app.ts'
import { ConfigError, loadConfig } from './config/config.ts'
import { readOrMakeSecret } from './config/secret-key.ts'
import { DatabaseRefusedError, DatabaseUnavailableError } from './platform/db/dialects/dialect.ts'

/** Time from the first signal to the exit; a second signal exits at once. */
const shutdownLimitMs = 15_000

async function start(): Promise<void> {
  const config = loadConfig(process.env)
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  chmodSync(config.dataDir, 0o700)
  if (config.secrets.key === '') config.secrets.key = readOrMakeSecret(config.dataDir)
  for (const warning of config.warnings) console.warn(`Note: ${warning}`)

  const app = await createApp(config)
  const stop = once(async (code: number) => {
    setTimeout(() => process.exit(1), shutdownLimitMs).unref()
    await app.close()
    process.exit(code)
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (!stop(0)) process.exit(1)
    })
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      app.http.log.fatal({ err: error }, event)
      stop(1)
    })
  }

  const setupToken = await app.services.setup.prepare()
  const port = await app.listen()
  const address = process.env.PUBLIC_URL ? config.publicUrl.origin : `http://localhost:${port}`
  const lines = [`Atrium is running at ${address}`, `Data folder: ${config.dataDir}`]
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

/** One clear line for what the operator can change; anything else with its trace. */
function explain(error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof DatabaseRefusedError) return error.message
  if (error instanceof DatabaseUnavailableError) return error.message
  const { code, port, path } = error as NodeJS.ErrnoException & { port?: number }
  if (code === '28P01' || code === '28000' || code === 'ER_ACCESS_DENIED_ERROR') {
    return 'The database refuses the name or the password in DATABASE_URL.'
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${path} cannot be a folder; set DATA_DIR to another place.`
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program; set PORT to a free one.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'HOST is not an address of this machine.'
  if (code === 'EACCES' || code === 'EROFS') return `${path ?? `Port ${port}`} may not be used by this user.`
  return error
}

start().catch((error: unknown) => {
  console.error(explain(error))
  process.exit(1)
})
