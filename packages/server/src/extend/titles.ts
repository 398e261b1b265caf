import { Page, Problem } from '../platform/http/schemas.ts'
import { ModuleError } from './module-error.ts'

const ours = new Set<unknown>([Page, Problem])

/** Titles name the schemas of the API's document; another one's name would put another schema in its place there. */
export function assertTitles(module: string, route: string, schema: unknown): void {
  const prefix = module.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ours.has(value)) return
    const { title, type, anyOf } = value as Record<string, unknown>
    if (typeof title === 'string' && (type !== undefined || anyOf !== undefined) && !title.startsWith(prefix))
      throw new ModuleError(module, `a schema of ${route} is called ${title}; its title has to begin with ${prefix}.`)
    for (const each of Object.values(value)) visit(each)
  }
  visit(schema)
}
