import { type FieldError, platformErrors } from '../errors.ts'

const maxDepth = 20

/**
 * Refuses what no engine keeps alike: U+0000, lone surrogates, numbers beyond double precision, deep nesting.
 * Values come from JSON, so they hold no cycles. Throws validation_failed, or malformed_json for nesting.
 */
export function assertStorable(value: unknown): void {
  const problem = firstProblem(value, 0)
  if (!problem) return
  const { message } = problem
  throw platformErrors.validation_failed({ detail: message, members: { errors: [problem] } })
}

/** Where it is found is worked out on the way back: hardly ever is there anything. */
function firstProblem(value: unknown, depth: number): FieldError | undefined {
  if (typeof value === 'string') return textProblem(value)
  if (typeof value === 'number') return numberProblem(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= maxDepth) throw platformErrors.malformed_json({ detail: `JSON may be nested ${maxDepth} levels deep` })
  for (const key of Object.keys(value)) {
    const ofName = textProblem(key)
    if (ofName) return ofName
    const problem = firstProblem((value as Record<string, unknown>)[key], depth + 1)
    if (problem) return { ...problem, pointer: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${problem.pointer}` }
  }
  return undefined
}

function textProblem(text: string): FieldError | undefined {
  if (text.includes('\0')) return { pointer: '', code: 'invalid_text', message: 'Text must not contain U+0000' }
  if (!text.isWellFormed()) return { pointer: '', code: 'invalid_text', message: 'Text must be valid Unicode' }
  return undefined
}

function numberProblem(value: number): FieldError | undefined {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  return exact
    ? undefined
    : { pointer: '', code: 'invalid_number', message: 'This number is too large to be kept exactly' }
}
