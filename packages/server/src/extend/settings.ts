import { Value } from 'typebox/value'
import type { AtriumModule } from './module.ts'
import { ModuleError } from './module-error.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** A module's settings, from the same variables as ours. Throws ModuleError. */
export function readSettings({ name, settings }: AtriumModule, variables: Variables): unknown {
  if (!settings) return {}
  const names = Object.keys(settings.properties)
  const given = Object.fromEntries(names.filter((each) => variables[each]).map((each) => [each, variables[each]]))
  const read = Value.Convert(settings, Value.Default(settings, given))
  const [error] = Value.Errors(settings, read)
  if (!error) return read
  const missing = (error.params as { requiredProperties?: string[] }).requiredProperties?.[0]
  throw new ModuleError(name, `${missing ?? error.instancePath.slice(1)} ${missing ? 'has to be set' : error.message}.`)
}
