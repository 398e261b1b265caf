#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Command, CommanderError } from 'commander'
import { type App, createApp } from './app.ts'
import { auditVerified } from './cli/audit-verified.ts'
import { addBackupCommands } from './cli/backup-commands.ts'
import { addDoctorCommand } from './cli/doctor-command.ts'
import { addMigrateCommands } from './cli/migrate-commands.ts'
import { addMoveCommand } from './cli/move-command.ts'
import { addNewCommand } from './cli/new-module.ts'
import { reconciled } from './cli/reconciled.ts'
import { addSeedCommand } from './cli/seed-command.ts'
import { addSetupCommands } from './cli/setup-commands.ts'
import { addUserCommands } from './cli/user-commands.ts'
import { type Config, ConfigError, loadConfig } from './config/config.ts'
import { list } from './config/contradictions.ts'
import { generateSecret, prepareData } from './config/secret-key.ts'
import { machineOf } from './doctor/machine-checks.ts'
import { tablesOf } from './extend/build-modules.ts'
import { loadModules } from './extend/load-modules.ts'
import type { AtriumModule } from './extend/module.ts'
import { ModuleError } from './extend/module-error.ts'
import { tableTypes } from './modules/tables/index.ts'
import { runInContext } from './platform/context.ts'
import { DatabaseRefusedError } from './platform/db/dialects/dialect.ts'
import { ArchiveError } from './platform/db/transfer/archive.ts'
import { AppError } from './platform/errors.ts'
import { createLogger } from './platform/log.ts'

/** Commands work beside a running server: they take no server lock, and what they change is seen there within 5 s. */
const log = createLogger({ level: 'silent' })

function readConfig(): Config {
  const config = loadConfig(process.env)
  prepareData(config)
  return config
}

async function withApp<T>(work: (app: App) => Promise<T>): Promise<T> {
  const app = await createApp(readConfig(), { log, serverLock: false, modules })
  try {
    return await asCommand(() => work(app))
  } finally {
    await app.close()
  }
}

const asCommand = <T>(work: () => Promise<T>): Promise<T> =>
  runInContext({ source: 'cli', actor: null, path: running }, work)

/** Named by MODULES; loaded before any command but `doctor` runs, which says itself what is wrong with them. */
const modules: AtriumModule[] = []

/** The names of the command that runs, for the audit log; never what was given to it. */
let running = ''

const namesOf = (command: Command): string =>
  (command.parent ? `${namesOf(command.parent)} ${command.name()}` : '').trim()

/** Prints for people, or as JSON where --json was asked for. */
function report(command: Command, json: unknown, words: string): void {
  console.log(command.optsWithGlobals().json ? JSON.stringify(json) : words)
}

async function readPassword(options: { passwordStdin?: boolean }): Promise<string> {
  if (!options.passwordStdin) throw new UsageError('Give the password on standard input with --password-stdin.')
  return (await text(process.stdin)).replace(/\r?\n$/, '')
}

class UsageError extends Error {}

/** What failed was printed already. */
class FailedError extends Error {}

const program = new Command('atrium')
  .description('Commands for an Atrium installation. They read the same settings as the server.')
  .option('--json', 'answer as JSON')
  .exitOverride()
  .hook('preAction', async (_program, command) => {
    running = namesOf(command)
    if (running !== 'doctor') modules.push(...(await loadModules(list(process.env.MODULES ?? ''), process.cwd())))
  })

program
  .command('start')
  .description('run the server')
  .action(async () => {
    await import('./main.ts')
    // The server decides when the process ends.
    await new Promise(() => {})
  })

const migrations = program.command('migrate').description('database migrations')
program
  .command('secret')
  .description('secrets')
  .command('generate')
  .description('make a SECRET_KEY')
  .action((_options, command: Command) => {
    const secret = generateSecret()
    report(command, { secret }, secret)
  })

program
  .command('config')
  .description('settings')
  .command('show')
  .description('each setting and where it comes from; secrets are masked')
  .action((_options, command: Command) => {
    const { sources } = loadConfig(process.env)
    const lines = Object.entries(sources).map(([name, { value, source }]) => `${name}=${value}  (${source})`)
    report(command, sources, lines.join('\n'))
  })

program
  .command('audit')
  .description('the audit log')
  .command('verify')
  .description('whether every event is as it was written, and none is gone before its time')
  .option('--head <position:hash>', 'an end of the chain that was noted before')
  .action(async ({ head }: { head?: string }, command: Command) => {
    if (head !== undefined && !/^\d{1,16}:[0-9a-f]{64}$/.test(head)) throw new UsageError('--head is position:hash.')
    const result = await withApp(({ services }) => services.auditVerifier.verify(head))
    report(command, result, auditVerified(result))
    if (!result.ok) throw new FailedError()
  })

program
  .command('files')
  .description('uploaded files')
  .command('reconcile')
  .description('compare the storage with the database, both ways; bytes that no file has are removed')
  .option('--dry-run', 'change nothing')
  .option('--remove-rows', 'forget files whose bytes are missing')
  .action(async (options: { dryRun?: boolean; removeRows?: boolean }, command: Command) => {
    const result = await withApp(({ services }) => services.fileReconciliation.run(options))
    report(command, result, reconciled(result, options.dryRun ?? false))
    if (result.missing.length > 0 && !options.removeRows) throw new FailedError()
  })

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const tools = {
  ...{ environment: process.env, machine: machineOf(process), currentFolder: process.cwd() },
  ...{ log, version, screen: process.stderr, readConfig, asCommand, report, readPassword },
  modules: () => tablesOf(modules),
  fail: (): never => {
    throw new FailedError()
  },
  refuseUsage: (message: string): never => {
    throw new UsageError(message)
  },
}
addUserCommands(program, { ...tools, input: process.stdin, output: process.stdout, withApp })
addSeedCommand(program, { ...tools, withApp })
addMigrateCommands(migrations, tools)
addNewCommand(program, tools)
addBackupCommands(program, tools)
addMoveCommand(program, tools)
addDoctorCommand(program, tools)
addSetupCommands(program, migrations, {
  ...{ ...tools, node: process.execPath, folder: import.meta.dirname },
  onSignal: (listener) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, listener)
  },
})

program
  .command('setup-link')
  .description('a new link that makes the first administrator; the one before stops working')
  .action(async (_options, command: Command) => {
    const config = readConfig()
    const token = await withApp(({ services }) => services.setup.replace())
    const link = token === undefined ? null : `${config.publicUrl.origin}/setup#token=${token}`
    report(command, { link }, link ?? 'There is an administrator already.')
  })

program
  .command('openapi')
  .description('print the OpenAPI document')
  .option('--as <user>', 'with the tables as this account may use them: @name or id')
  .action(async (options: { as?: string }) => {
    await withApp(async ({ http, services: { explaining, tables } }) => {
      const actor = options.as === undefined ? null : await explaining.asUser(options.as)
      console.log(JSON.stringify(await tables.describing.complete(http.swagger(), actor), null, 2))
    })
  })

program
  .command('client')
  .description('typed clients')
  .command('generate')
  .description('print TypeScript types of the tables, for tablesOf of @atrium/client')
  .requiredOption('--as <user>', 'as this account may use them: @name or id')
  .action(async (options: { as: string }) => {
    await withApp(async ({ services: { explaining, tables } }) => {
      process.stdout.write(tableTypes(await tables.describing.of(await explaining.asUser(options.as))))
    })
  })

/** 0 done, 1 failed, 2 wrong usage. */
async function run(): Promise<number> {
  try {
    await program.parseAsync()
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof FailedError) return 1
    if (error instanceof UsageError) {
      console.error(error.message)
      return 2
    }
    console.error(isExpected(error) ? describe(error) : error)
    return 1
  }
}

const isExpected = (error: unknown): error is Error =>
  [AppError, ConfigError, ModuleError, DatabaseRefusedError, ArchiveError].some((kind) => error instanceof kind)

function describe(error: Error): string {
  const fields = error instanceof AppError ? ((error.members.errors ?? []) as { message: string }[]) : []
  return [error.message, ...fields.map(({ message }) => `  ${message}`)].join('\n')
}

process.exitCode = await run()
