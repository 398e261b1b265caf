import { Readable } from 'node:stream'
import { Command } from 'commander'
import { expect, it } from 'vitest'
import type { App } from '../app.ts'
import { addUserCommands } from './user-commands.ts'

/** The command that was reached with its arguments taken; nothing is done then. */
class Reached extends Error {}

function program(): { atrium: Command; said: string[] } {
  const said: string[] = []
  const atrium = new Command('atrium').option('--json')
  addUserCommands(atrium, {
    input: Readable.from([]),
    output: process.stdout,
    withApp: (_work: (app: App) => Promise<never>) => Promise.reject(new Reached()),
    readPassword: ({ passwordStdin }) => Promise.resolve(passwordStdin ? 'seven green umbrellas' : ''),
    report: () => {},
    fail: () => {
      throw new Error('failed')
    },
  })
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
  for (const command of all(atrium)) {
    command.exitOverride().configureOutput({ writeOut: (text) => said.push(text), writeErr: (text) => said.push(text) })
  }
  return { atrium, said }
}

const helpOf = async (...names: string[]): Promise<string> => {
  const { atrium, said } = program()
  await atrium.parseAsync(['node', 'atrium', ...names, '--help']).catch(() => {})
  return said.join('')
}

const names = program().atrium.commands[0]?.commands.map((command) => command.name()) ?? []

it.each(names)(
  'the help of user %s says what its exit codes mean, and its examples are taken as they stand',
  async (name) => {
    const help = await helpOf('user', name)
    expect(help).toMatch(/^ {2}0 .+ · 1 .+ · 2 .+$/m)
    const examples = [...help.matchAll(/^ {2}.*?\batrium (user .+)$/gm)].map(([, line = '']) =>
      line.replace(/ < .*$/, ''),
    )
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const { atrium } = program()
      await expect(atrium.parseAsync(['node', 'atrium', ...example.split(' ')]), example).rejects.toBeInstanceOf(
        Reached,
      )
    }
  },
)

it('there is a command for each thing that is done to accounts', () => {
  expect(names).toEqual(['create', 'role', 'password', 'suspend', 'import'])
})
