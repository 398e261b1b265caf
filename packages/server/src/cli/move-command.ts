import type { Command } from 'commander'
import { type Moved, moveTo } from '../moves.ts'
import { systemClock } from '../platform/clock.ts'
import { type DatabaseConfig, parseDatabaseUrl } from '../platform/db/database-url.ts'
import type { BackupCommandTools } from './backup-commands.ts'
import { ProgressBar } from './progress-bar.ts'

const help = `
Stop every server first. The new database has to be empty; it may be of another engine. All rows are copied in one go,
and compared: where anything differs, or the move is cut off, nothing is kept and you can move again. The old database
stays as it is. Then set DATABASE_URL to the new one and start the server. Files stay where they are, and so do tables
that are not Atrium's own.

  atrium move --to postgres://atrium@db.example.org/atrium --password-stdin < password.txt
  atrium move --to sqlite:////srv/atrium/atrium.db`

export interface MoveCommandTools extends BackupCommandTools {
  readPassword(options: { passwordStdin?: boolean }): Promise<string>
  refuseUsage(message: string): never
}

export function addMoveCommand(program: Command, tools: MoveCommandTools): void {
  const { modules, log, version, screen, readConfig, asCommand, report, readPassword, refuseUsage } = tools

  /** Arguments are visible to everyone on the machine. */
  const readUrl = async (to: string, options: { passwordStdin?: boolean }): Promise<string> => {
    if (/^[^:]+:\/\/[^/@]*:[^/]*@/.test(to))
      refuseUsage('Leave the password out of --to, and give it on standard input with --password-stdin.')
    if (!options.passwordStdin) return to
    if (!URL.parse(to)?.hostname) refuseUsage('--to is no URL of a database that has a password.')
    const url = new URL(to)
    url.password = encodeURIComponent(await readPassword(options))
    return url.href
  }

  const readTarget = (url: string, dataDir: string): DatabaseConfig => {
    try {
      return parseDatabaseUrl(url, dataDir)
    } catch (error) {
      return refuseUsage(`--to: ${(error as Error).message}`)
    }
  }

  program
    .command('move')
    .description('copy everything into another, empty database, while no server runs')
    .requiredOption('--to <url>', 'the new database, written as in DATABASE_URL but without a password')
    .option('--password-stdin', 'read the password of the new database from standard input')
    .addHelpText('after', help)
    .action(async (options: { to: string; passwordStdin?: boolean }, command: Command) => {
      const url = await readUrl(options.to, options)
      const bar = new ProgressBar(screen, screen.isTTY && !command.optsWithGlobals().json)
      try {
        const config = readConfig()
        const tools = { config, log, version, now: systemClock, onProgress: bar.show, modules: modules() }
        const target = readTarget(url, config.dataDir)
        const moved = await asCommand(() => moveTo(target, tools))
        bar.end()
        report(command, moved, wordsOf(moved))
      } finally {
        bar.end()
      }
    })
}

function wordsOf({ tables, left, tables_file }: Moved): string {
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0)
  return [
    `Moved and compared: ${rows} rows of ${Object.keys(tables).length} tables. Set DATABASE_URL to the new database, then start the server.`,
    ...(tables_file === null
      ? []
      : [`Your own tables stay in ${tables_file}: set TABLES_URL=sqlite:///${tables_file} too.`]),
    ...(left.length === 0 ? [] : [`Not Atrium's, and left in the old database: ${left.join(', ')}.`]),
  ].join('\n')
}
