import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { loadConfig } from '../config/config.ts'
import { generateSecret } from '../config/secret-key.ts'
import { MigrationNameError, newMigration } from './new-migration.ts'

export interface SetupCommandTools {
  environment: Readonly<Record<string, string | undefined>>
  /** What runs programs like this one. */
  node: string
  /** The folder that holds this program. */
  folder: string
  onSignal(listener: (signal: NodeJS.Signals) => void): void
  report(command: Command, json: unknown, words: string): void
  refuseUsage(message: string): never
  fail(): never
}

const initHelp = `
Writes the settings of a server for production into one file that only you may read, with a SECRET_KEY made for it. What is
there already is never overwritten. The other settings and their defaults: docs/reference/configuration.md.

  atrium init --public-url https://atrium.example.com
  node --env-file=atrium.env packages/server/dist/main.js`

const devHelp = `
Runs the server in development, and starts it anew whenever a file of it changes. In a clone \`npm run dev\` does the same
for the web app, too.`

export function addSetupCommands(program: Command, migrations: Command, tools: SetupCommandTools): void {
  const { environment, node, folder, onSignal, report, refuseUsage, fail } = tools

  program
    .command('init')
    .description('write a file of settings for a new server')
    .requiredOption('--public-url <url>', 'the address people open')
    .option('--data-dir <folder>', 'where data and files go', './data')
    .option('--file <file>', 'where the settings go', 'atrium.env')
    .addHelpText('after', initHelp)
    .action((options: { publicUrl: string; dataDir: string; file: string }, command: Command) => {
      const file = resolve(options.file)
      const given = { PUBLIC_URL: options.publicUrl, DATA_DIR: resolve(options.dataDir) }
      const settings = { NODE_ENV: 'production', ...given, SECRET_KEY: generateSecret(), EMAIL_VERIFICATION: 'off' }
      // Throws what is wrong with them before anything is written.
      loadConfig(settings)
      if (/\s|["'#]/.test(Object.values(given).join('')))
        refuseUsage('An address or a folder holds a space or a quote.')
      if (existsSync(file)) refuseUsage(`${file} is there already, and is not overwritten.`)
      writeFileSync(file, textOf(settings), { mode: 0o600, flag: 'wx' })
      const words = `Wrote ${file}. Look through it, then: atrium doctor, and atrium start, both with --env-file=${file} for node.`
      report(command, { file }, words)
    })

  program
    .command('dev')
    .description('run the server in development, anew after each change')
    .addHelpText('after', devHelp)
    .action(async () => {
      const main = ['main.ts', 'main.js'].map((name) => join(folder, name)).find((path) => existsSync(path)) ?? ''
      const env = { ...environment, NODE_ENV: 'development' }
      const child = spawn(
        node,
        [...(main.endsWith('.ts') ? ['--conditions=atrium-source'] : []), '--watch', '--watch-preserve-output', main],
        { stdio: 'inherit', env },
      )
      onSignal((signal) => child.kill(signal))
      const isWell = await new Promise<boolean>((done, reject) => {
        child.once('error', reject)
        child.once('exit', (code, signal) => done(code === 0 || signal === 'SIGTERM' || signal === 'SIGINT'))
      })
      if (!isWell) fail()
    })

  migrations
    .command('new <name>')
    .description('write an empty migration with the next number, in a clone')
    .action((name: string, _options, command: Command) => {
      const migrationFolder = join(folder, 'platform/db/migrations')
      if (!existsSync(join(migrationFolder, 'index.ts')))
        refuseUsage('Migrations are written in a clone: node packages/server/src/cli.ts migrate new <name>')
      try {
        const file = newMigration(migrationFolder, name)
        report(command, { file }, `Wrote ${file}.`)
      } catch (error) {
        if (error instanceof MigrationNameError) refuseUsage(error.message)
        throw error
      }
    })
}

const textOf = (
  settings: Readonly<Record<string, string>>,
): string => `# Settings of Atrium. Whoever reads this file can act as anybody: keep it to yourself.
${Object.entries(settings)
  .map(([name, value]) => `${name}=${value}`)
  .join('\n')}

# Mail, without which nobody can reset a password. With it, take EMAIL_VERIFICATION=off out above.
# SMTP_URL=smtp://user:password@mail.example.com:587
# MAIL_FROM=Atrium <no-reply@example.com>

# The proxy that ends TLS, so that people are told apart by their own addresses.
# TRUSTED_PROXIES=127.0.0.1

# Another database than the SQLite file in DATA_DIR.
# DATABASE_URL=postgres://atrium:password@localhost/atrium
`
