import type { Command } from 'commander'
import type { App } from '../app.ts'
import type { Config } from '../config/config.ts'
import { generateSecret } from '../config/secret-key.ts'
import { demoPeople } from './demo-data.ts'
import { ProgressBar } from './progress-bar.ts'
import { type Seeded, SeedRefusedError, seed } from './seed.ts'

export interface SeedCommandTools {
  /** Where a bar is drawn, if a person looks on. */
  screen: NodeJS.WriteStream
  readConfig(): Config
  withApp<T>(work: (app: App) => Promise<T>): Promise<T>
  readPassword(options: { passwordStdin?: boolean }): Promise<string>
  report(command: Command, json: unknown, words: string): void
  fail(): never
}

const seedHelp = `
People of a small harbour town with conversations, files, places on the map and a table of boats, to look around with. It is
made for an empty development server: where other people are, or NODE_ENV is production, it refuses, unless --force says
otherwise. What is there from a run before stays as it is, and only what is missing is made.

One password is made for all of them and printed once; with --password-stdin it is yours. Their addresses end in .invalid,
so no mail reaches anybody.

  atrium seed
  printf 'seven green umbrellas' | atrium seed --password-stdin
  atrium --json seed

  0 everything is there · 1 refused, and standard error says why · 2 called wrongly`

export function addSeedCommand(program: Command, tools: SeedCommandTools): void {
  const { screen, readConfig, withApp, readPassword, report, fail } = tools
  program
    .command('seed')
    .description('put demo data into a development server: people, messages, files, places, a table')
    .option('--force', 'although there are other people, or it is a server in production')
    .option('--password-stdin', 'read the password of the people from standard input')
    .addHelpText('after', seedHelp)
    .action(async (options: { force?: boolean; passwordStdin?: boolean }, command: Command) => {
      const force = options.force ?? false
      const bar = new ProgressBar(screen, screen.isTTY && !command.optsWithGlobals().json)
      try {
        if (readConfig().production && !force) throw new SeedRefusedError('This is a server in production.')
        const password = options.passwordStdin ? await readPassword(options) : generateSecret().slice(0, 20)
        const made = await withApp((app) => seed(app, { force, password, onProgress: bar.show }))
        bar.end()
        const shown = made.people > 0 && !options.passwordStdin ? password : null
        report(command, { ...made, password: shown }, wordsOf(made, shown))
      } catch (error) {
        bar.end()
        if (!(error instanceof SeedRefusedError)) throw error
        screen.write(`${error.message}\n`)
        fail()
      }
    })
}

function wordsOf(made: Seeded, password: string | null): string {
  const parts = Object.entries(made).filter(([, count]) => count > 0)
  if (parts.length === 0) return 'Everything is there already.'
  const names = demoPeople.map(({ username }) => username).join(', ')
  const said = `Made ${parts.map(([what, count]) => `${count} ${what}`).join(', ')}.`
  return password === null ? said : `${said}\nSign in as ${names}; the password of those made now is ${password}`
}
