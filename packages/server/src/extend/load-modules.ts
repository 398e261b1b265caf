import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AtriumModule } from './module.ts'
import { ModuleError } from './module-error.ts'

/** The modules that MODULES names: files or folders, each with a module as its default export. Throws ModuleError. */
export async function loadModules(paths: readonly string[], folder: string): Promise<AtriumModule[]> {
  const modules: AtriumModule[] = []
  for (const path of paths) {
    const file = fileOf(resolve(folder, path))
    if (!file) throw new ModuleError(path, 'there is no such file, nor a folder with an index.ts or index.js.')
    const { default: module } = (await import(pathToFileURL(file).href)) as { default?: AtriumModule }
    if (typeof module?.build !== 'function')
      throw new ModuleError(path, 'its default export is no module; make it with defineModule.')
    modules.push(module)
  }
  return modules
}

function fileOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  if (!statSync(path).isDirectory()) return path
  return ['index.ts', 'index.js', 'index.mjs'].map((name) => join(path, name)).find((file) => existsSync(file))
}
