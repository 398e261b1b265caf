import cluster from 'node:cluster'
import { ConfigError, loadConfig } from './config/config.ts'
import { prepareData } from './config/secret-key.ts'
import { loadModules } from './extend/load-modules.ts'
import { ModuleError } from './extend/module-error.ts'
import { DatabaseRefusedError, DatabaseUnavailableError } from './platform/db/dialects/dialect.ts'
import { withBoundNursery } from './platform/measure/nursery.ts'
import { superviseWorkers } from './workers.ts'

async function start(): Promise<void> {
  const config = loadConfig(process.env)
  prepareData(config)
  if (cluster.isPrimary) for (const warning of config.warnings) console.warn(`Note: ${warning}`)
  if (config.workers > 1 && cluster.isPrimary) return superviseWorkers(config.workers)
  await withBoundNursery(async () => {
    // Whoever only supervises does without all that a server is made of.
    const { serve } = await import('./serve.ts')
    await serve(config, await loadModules(config.modules, process.cwd()))
  })
}

/** One clear line for what the operator can change; anything else with its trace. */
function explain(error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof DatabaseRefusedError) return error.message
  if (error instanceof DatabaseUnavailableError) return error.message
  // Its author wants to see the way to what was thrown.
  if (error instanceof ModuleError) return error.reason === 'failed' ? error : error.message
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
