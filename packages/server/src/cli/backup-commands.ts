import type { Command } from 'commander'
import { backUp, restore } from '../backups.ts'
import type { Config } from '../config/config.ts'
import { readBackup } from '../modules/backups/index.ts'
import { systemClock } from '../platform/clock.ts'
import type { ModuleTables } from '../platform/db/migration.ts'
import { ArchiveError } from '../platform/db/transfer/archive.ts'
import type { Logger } from '../platform/log.ts'
import { backupMade, backupRestored, backupWhole } from './backup-words.ts'
import { ProgressBar } from './progress-bar.ts'

export interface BackupCommandTools {
  log: Logger
  version: string
  /** Where a bar is drawn, if a person looks on. */
  screen: NodeJS.WriteStream
  readConfig(): Config
  /** Modules that keep tables beside ours. */
  modules(): readonly ModuleTables[]
  /** Writes down whose deed it is. */
  asCommand<T>(work: () => Promise<T>): Promise<T>
  report(command: Command, json: unknown, words: string): void
  fail(): never
}

const backupHelp = `
The server may run meanwhile: what is written is the database of one moment, with the files that it had then, in one
file that only you may read. It holds everything people wrote. Keep it where the server is not, and try a restore.

Not in it: SECRET_KEY (or DATA_DIR/secret-key), other settings, and a database of your own that TABLES_URL names.
The command says so when there is one.

  atrium backup /backups/2026-11-21.atrium
  atrium verify /backups/2026-11-21.atrium`

const restoreHelp = `
Into an empty database, on any of the three engines, that no server was started on: nothing is ever overwritten. Stop
the server first. Set SECRET_KEY to the one of the backup, and DATABASE_URL and DATA_DIR to where it goes. The file is
checked before anything is written, and the rows are compared afterwards; where something fails, nothing is kept.

  DATA_DIR=/srv/atrium SECRET_KEY=... atrium restore /backups/2026-11-21.atrium`

const verifyHelp = `
Reads the whole file and compares it with the sums in it: whether it can be restored. It needs no settings and no
database, so it works on the machine that keeps the backups. The exit code is 1 for a file that is not whole.

  atrium verify /backups/2026-11-21.atrium`

export function addBackupCommands(program: Command, tools: BackupCommandTools): void {
  const { modules, log, version, screen, readConfig, asCommand, report, fail } = tools

  const withBar = async <T>(command: Command, work: (onProgress: ProgressBar['show']) => Promise<T>): Promise<T> => {
    const bar = new ProgressBar(screen, screen.isTTY && !command.optsWithGlobals().json)
    try {
      return await asCommand(() => work(bar.show))
    } finally {
      bar.end()
    }
  }
  const toolsWith = (onProgress: ProgressBar['show']) => ({
    ...{ config: readConfig(), log, version, now: systemClock, onProgress, modules: modules() },
  })

  program
    .command('backup <file>')
    .description('write everything into one file, beside the running server')
    .addHelpText('after', backupHelp)
    .action(async (file: string, _options, command: Command) => {
      const manifest = await withBar(command, (onProgress) => backUp(file, toolsWith(onProgress)))
      report(command, { file, ...manifest }, backupMade(file, manifest))
    })

  program
    .command('restore <file>')
    .description('bring a backup back, into an empty database, while no server runs')
    .option('--without-key', 'go on although SECRET_KEY is another one than the backup was made with')
    .addHelpText('after', restoreHelp)
    .action(async (file: string, options: { withoutKey?: boolean }, command: Command) => {
      const manifest = await withBar(command, (onProgress) => restore(file, toolsWith(onProgress), options))
      report(command, { file, ...manifest }, backupRestored(manifest))
    })

  program
    .command('verify <file>')
    .description('whether a backup is whole and as it was written')
    .addHelpText('after', verifyHelp)
    .action(async (file: string, _options, command: Command) => {
      try {
        const manifest = await withBar(command, (onProgress) =>
          readBackup(file, {}, (done, total) => onProgress('checking', done, total)),
        )
        report(command, { ok: true, file, ...manifest }, backupWhole(file, manifest))
      } catch (error) {
        if (!(error instanceof ArchiveError)) throw error
        report(command, { ok: false, file, problem: error.message }, `${file} is not whole. ${error.message}`)
        fail()
      }
    })
}
