import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AtriumModule } from './module.ts'
import { ModuleError } from './module-error.ts'

/** The modules that MODULES names: files or folders, each with a module as its default export. Throws ModuleError. */
export async function loadModules(paths: readonly string[], folder: string): Promise<AtriumModule[]> {
  const modules: AtriumModule[] = []
  for (const path of paths) modules.push(await loadModule(path, folder))
  return modules
}

/** Throws ModuleError, also for whatever the file itself throws. */
export async function loadModule(path: string, folder: string): Promise<AtriumModule> {
  const file = fileOf(resolve(folder, path))
  if (!file)
    throw new ModuleError(path, 'there is no such file, nor a folder with an index.ts or index.js.', {
      reason: 'missing',
    })
  const { default: module } = await run(path, file)
  if (typeof module?.build !== 'function')
    throw new ModuleError(path, 'its default export is no module; make it with defineModule.')
  return module
}

async function run(path: string, file: string): Promise<{ default?: AtriumModule }> {
  try {
    return (await import(pathToFileURL(file).href)) as { default?: AtriumModule }
  } catch (cause) {
    throw new ModuleError(path, `it does not load: ${wordsOf(cause)}`, { reason: 'failed', cause })
  }
}

/** One line, with the place where the trace tells it; it does not for a syntax error in JavaScript. */
function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const [place] = /^\/\S+:\d+$|file:\/\/[^\s)]+?:\d+/m.exec(cause.stack ?? '') ?? []
  const [line = ''] = cause.message.split('\n')
  return `${cause.name}: ${line}${place ? ` (${place})` : ''}`
}

function fileOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  if (!statSync(path).isDirectory()) return path
  return ['index.ts', 'index.js', 'index.mjs'].map((name) => join(path, name)).find((file) => existsSync(file))
}
