import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { assertDeclarations } from '../extend/declarations.ts'
import { ModuleError } from '../extend/module-error.ts'
import { filesOf, namesOf } from './module-template.ts'

interface NewModuleTools {
  report(command: Command, json: unknown, words: string): void
  refuseUsage(message: string): never
}

const help = `
Writes a module of your own that works: a table, routes, a live event, and a test. Begin by changing its schema.

  atrium new bookmarks
  MODULES=modules/bookmarks npm start

What it is made of: docs/guide/modules.md.`

/** Writes the files of a new module into a folder that is not there yet; answers the folder. Throws ModuleError. */
export function newModule(into: string, name: string): string {
  assertDeclarations([{ name, build: () => ({}) }])
  const folder = join(into, name)
  if (existsSync(folder)) throw new ModuleError(name, `${folder} is there already, and is not overwritten.`)
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(filesOf(namesOf(name))))
    writeFileSync(join(folder, file), text, { flag: 'wx' })
  return folder
}

export function addNewCommand(program: Command, { report, refuseUsage }: NewModuleTools): void {
  program
    .command('new <name>')
    .description('write a module of your own, with a table, routes and a test')
    .option('--into <folder>', 'where its folder goes', 'modules')
    .addHelpText('after', help)
    .action((name: string, options: { into: string }, command: Command) => {
      try {
        const folder = newModule(resolve(options.into), name)
        report(
          command,
          { folder },
          `Wrote ${folder}. Try it: npx vitest run ${folder}, then MODULES=${folder} npm start`,
        )
      } catch (error) {
        if (error instanceof ModuleError) refuseUsage(error.message)
        throw error
      }
    })
}
