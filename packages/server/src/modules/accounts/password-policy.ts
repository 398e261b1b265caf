import { type FieldError, platformErrors } from '../../platform/errors.ts'

export type PasswordPolicyName = 'standard' | 'classes' | 'strict'

export interface PasswordPolicy {
  name: PasswordPolicyName
  min_length: number
  max_length: number
}

export const passwordPolicy = (name: PasswordPolicyName): PasswordPolicy => ({
  name,
  min_length: name === 'strict' ? 15 : 8,
  max_length: 128,
})

/** One spelling for letters that can be written in two ways, before hashing and before checking alike; nothing is trimmed. */
export const normalisePassword = (password: string): string => password.normalize('NFKC')

/** What a person's password must not be made of. */
export interface PasswordContext {
  username: string
  email: string
}

/** Throws validation_failed naming every rule the password breaks (NIST SP 800-63B-4, ASVS 6.2). */
export async function assertPassword(
  password: string,
  context: PasswordContext,
  policy: PasswordPolicy,
  pointer = '/password',
): Promise<void> {
  const normalised = normalisePassword(password)
  const broken = [...lengthRules(normalised, policy), ...(policy.name === 'classes' ? classRules(normalised) : [])]
  if (broken.length === 0) broken.push(...contextRules(normalised, context), ...(await commonRules(normalised)))
  const [first] = broken
  if (!first) return
  const errors: FieldError[] = broken.map(([code, message]) => ({ pointer, code, message }))
  throw platformErrors.validation_failed({ detail: first[1], members: { errors } })
}

type Broken = [code: string, message: string]

function lengthRules(password: string, policy: PasswordPolicy): Broken[] {
  const length = [...password].length
  if (length < policy.min_length) {
    return [['password_too_short', `Password must be at least ${policy.min_length} characters`]]
  }
  if (length > policy.max_length) {
    return [['password_too_long', `Password may have at most ${policy.max_length} characters`]]
  }
  return []
}

/** The rule of document 001, only where an operator asks for it. */
function classRules(password: string): Broken[] {
  const rules: [RegExp, string][] = [
    [/\p{Lu}/u, 'Password must contain an uppercase letter'],
    [/\p{Ll}/u, 'Password must contain a lowercase letter'],
    [/\p{Nd}/u, 'Password must contain a number'],
    [/[^\p{L}\p{N}]/u, 'Password must contain a special character'],
  ]
  return rules.filter(([pattern]) => !pattern.test(password)).map(([, message]) => ['password_classes', message])
}

function contextRules(password: string, { username, email }: PasswordContext): Broken[] {
  const lower = password.toLowerCase()
  const words = [username, email, email.split('@')[0] ?? '', 'atrium'].map((word) => word.toLowerCase())
  const found = words.some((word) => word.length >= 4 && lower.includes(word))
  return found || lower === username.toLowerCase()
    ? [['password_contains_context', 'Password must not contain your name, your address or the name of this product']]
    : []
}

let commonPasswords: Promise<ReadonlySet<string>> | undefined

async function commonRules(password: string): Promise<Broken[]> {
  // Loaded at the first password that is set: 49,000 of the passwords found most often in leaks, nothing is looked up outside.
  commonPasswords ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].filter((word) => word.length >= 8)),
  )
  return (await commonPasswords).has(password.toLowerCase())
    ? [['password_breached', 'This password is among those guessed first; choose another']]
    : []
}
