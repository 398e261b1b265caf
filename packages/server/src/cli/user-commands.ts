import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import type { App } from '../app.ts'
import { importUsers } from './user-import.ts'

export interface UserCommandTools {
  input: Readable
  output: NodeJS.WritableStream
  withApp<T>(work: (app: App) => Promise<T>): Promise<T>
  readPassword(options: { passwordStdin?: boolean }): Promise<string>
  report(command: Command, json: unknown, words: string): void
  fail(): never
}

const usersHelp = `
<user> is a username or an e-mail address. A server that runs meanwhile acts on it within 5 seconds.

  0 done · 1 refused, and standard error says why · 2 called wrongly`

const createHelp = `
The account is active at once; its address counts as not verified. A password is never taken as an argument, which everybody
on the machine could read: give it on standard input. It is held to the same rules as in the web app.

  printf 'seven green umbrellas' | atrium user create --username carl --email carl@example.com --password-stdin
  atrium user create --username eve --email eve@example.com --role admin user --password-stdin < password.txt

The first administrator needs no command: the server prints a link for them while there is none, and
"atrium setup-link" makes a new one.

  0 made · 1 refused: the name or the address is taken, the password too easy, no such role · 2 called wrongly`

const roleHelp = `
The account has these roles afterwards, and no others. All its sessions end, so that nothing goes on with the old ones. Your
own roles are made in the administration; admin, moderator, user and guest are always there. The last administrator stays one.

  atrium user role carl user moderator
  atrium user role carl@example.com admin user

  0 done · 1 refused: no such user, no such role, or the last administrator · 2 called wrongly`

const passwordHelp = `
All sessions of the account end. Second factors stay.

  atrium user password carl --password-stdin < password.txt

  0 done · 1 refused: no such user, or the password is too easy · 2 called wrongly`

const suspendHelp = `
Nobody gets in with the account, by no way and no key, until --undo. What it wrote stays.

  atrium user suspend carl
  atrium user suspend carl --undo

  0 done · 1 refused: no such user, or the last administrator · 2 called wrongly`

const importHelp = `
The file is CSV with a header line, a JSON array, or one JSON object a line. username and email are needed; password_hash,
email_verified, display_name, created_at and roles are read where they are. Hashes of werkzeug, bcrypt and argon2 are taken
over: people sign in with the password they had. An account that is there already is left as it is, so mend what failed and
give the whole file again. docs/guide/coming-from.md has all columns and hashes.

  atrium user import users.csv --dry-run
  atrium user import users.csv
  mariadb -B -e 'SELECT username, email, password AS password_hash FROM users' app | atrium user import -

  0 every row is an account now · 1 a row failed, and is named · 2 called wrongly`

export function addUserCommands(program: Command, tools: UserCommandTools): void {
  const { input, output, withApp, readPassword, report, fail } = tools
  const users = program.command('user').description('accounts').addHelpText('after', usersHelp)

  users
    .command('create')
    .description('make an account')
    .requiredOption('--username <name>', '3 to 30 letters, digits, dots, dashes, underscores')
    .requiredOption('--email <address>', 'where mail to them goes')
    .option('--role <role...>', 'one role or more', ['user'])
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText('after', createHelp)
    .action(
      async (
        options: { username: string; email: string; role: string[]; passwordStdin?: boolean },
        command: Command,
      ) => {
        const { username, email, role } = options
        const password = await readPassword(options)
        const user = await withApp(({ services }) =>
          services.administration.create({ username, email, password }, role),
        )
        report(command, { id: user.id, username, roles: role }, `Created ${username} (${user.id}).`)
      },
    )

  users
    .command('role <user> <roles...>')
    .description('replace the roles of an account; its sessions end')
    .addHelpText('after', roleHelp)
    .action(async (user: string, roles: string[], _options, command: Command) => {
      await withApp(({ services }) => services.administration.setRoles(user, roles))
      report(command, { user, roles }, `${user} now has: ${roles.join(', ')}`)
    })

  users
    .command('password <user>')
    .description('set a new password for someone who forgot theirs; the sessions of the account end')
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText('after', passwordHelp)
    .action(async (user: string, options: { passwordStdin?: boolean }, command: Command) => {
      const password = await readPassword(options)
      await withApp(({ services }) => services.administration.setPassword(user, password))
      report(command, { user }, `${user} has a new password.`)
    })

  users
    .command('suspend <user>')
    .description('shut an account out; its sessions end')
    .option('--undo', 'let it in again')
    .addHelpText('after', suspendHelp)
    .action(async (user: string, options: { undo?: boolean }, command: Command) => {
      const status = options.undo ? 'active' : 'suspended'
      await withApp(({ services }) => services.administration.setStatus(user, status))
      report(command, { user, status }, `${user} is ${status}.`)
    })

  users
    .command('import <file>')
    .description('move accounts in from CSV or JSON, passwords included; - reads standard input')
    .option('--dry-run', 'check everything and write nothing')
    .addHelpText('after', importHelp)
    .action(async (file: string, options: { dryRun?: boolean }, command: Command) => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>()
      const print = (text: string) => void output.write(text)
      const isWhole = await withApp(({ services }) =>
        importUsers(services.userImport, file, { dryRun: options.dryRun ?? false, json, print, stdin: input }),
      )
      if (!isWhole) fail()
    })
}
