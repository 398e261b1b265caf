import { tablesOf } from '../extend/build-modules.ts'
import { assertDeclarations } from '../extend/declarations.ts'
import { loadModule } from '../extend/load-modules.ts'
import type { AtriumModule } from '../extend/module.ts'
import { ModuleError } from '../extend/module-error.ts'
import { readSettings } from '../extend/settings.ts'
import type { ModuleTables } from '../platform/db/migration.ts'
import { type Finding, type FindingId, found } from './findings.ts'

const byReason = { missing: 'module_missing', failed: 'module_failed' } as const satisfies Record<string, FindingId>

/** Loads what MODULES names, as a start would: one that cannot be used hides nothing about the others. */
export async function examineModules(
  paths: readonly string[],
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<{ modules: ModuleTables[]; findings: Finding[] }> {
  const modules: AtriumModule[] = []
  const findings: Finding[] = []
  for (const path of paths) {
    try {
      const module = await loadModule(path, folder)
      assertDeclarations([...modules, module])
      modules.push(module)
      readSettings(module, variables)
    } catch (error) {
      findings.push(refusal(path, error))
    }
  }
  return { modules: tablesOf(modules), findings }
}

/** What is of another type than it has to be fails in the middle of being looked at. */
function refusal(path: string, error: unknown): Finding {
  const { message, reason } =
    error instanceof ModuleError ? error : new ModuleError(path, `its declarations cannot be read: ${String(error)}`)
  return found(reason ? byReason[reason] : 'module_wrong', message)
}
