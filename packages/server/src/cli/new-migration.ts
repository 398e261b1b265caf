import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export class MigrationNameError extends Error {}

/** Writes an empty migration with the next number and names it in the list; answers the file. */
export function newMigration(folder: string, name: string): string {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
    throw new MigrationNameError('A migration is named in snake_case, e.g. add_places_colour.')
  const numbers = readdirSync(folder).map((file) => Number(/^(\d{4})_/.exec(file)?.[1] ?? 0))
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0')
  const variable = name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase())
  const list = join(folder, 'index.ts')
  const text = readFileSync(list, 'utf8')
  if (new RegExp(`\\b${variable}\\b`).test(text)) throw new MigrationNameError(`There is a migration ${name} already.`)
  const file = join(folder, `${number}_${name}.ts`)
  writeFileSync(file, template(variable), { flag: 'wx' })
  const lastImport = text.lastIndexOf('import ')
  const at = text.indexOf('\n', lastImport) + 1
  const imported = `${text.slice(0, at)}import { ${variable} } from './${number}_${name}.ts'\n${text.slice(at)}`
  writeFileSync(list, imported.replace(/\n\}\n*$/, `\n  '${number}_${name}': ${variable},\n}\n`))
  return file
}

const template = (variable: string): string => `import type { Migration } from '../migration.ts'

/** What it is for. Repeatable step by step: not every engine takes a failed one back. Columns: see add-columns.ts. */
export const ${variable}: Migration = {
  async up(_db, _dialect) {},
}
`
