import { domainToASCII } from 'node:url'
import { type FieldError, platformErrors } from '../../platform/errors.ts'

/** Names that would be taken for the system's or an operator's own voice. */
const reserved = new Set(
  'admin administrator anonymous api atrium everyone guest help me moderator nobody null official postmaster root security staff support system undefined webmaster'.split(
    ' ',
  ),
)

export interface Identity {
  username: string
  /** Equal for every spelling of one name; unique in the database under a binary collation. */
  usernameKey: string
  email: string
  emailKey: string
}

/** The key a name or address is found by. Text that is neither gives a key that no account has. */
export function identifierKey(identifier: string): string {
  const text = identifier.trim()
  return text.includes('@') ? (emailKey(text) ?? text) : text.normalize('NFKC').toLowerCase()
}

/** Checks a name and an address. Throws validation_failed with one entry per field. */
export function parseIdentity(
  input: { username: string; email: string },
  options: { reservedAllowed?: boolean } = {},
): Identity {
  const email = input.email.trim()
  const key = emailKey(email)
  const problems = [
    usernameProblem(input.username, options.reservedAllowed ?? false),
    key === undefined ? emailInvalid('/email') : undefined,
  ].filter((problem): problem is FieldError => problem !== undefined)
  if (problems.length > 0 || key === undefined) throw invalidFields(problems)
  return { username: input.username, usernameKey: input.username.toLowerCase(), email, emailKey: key }
}

/** The same for an address alone. */
export function parseEmail(text: string, pointer = '/email'): Pick<Identity, 'email' | 'emailKey'> {
  const email = text.trim()
  const key = emailKey(email)
  if (key === undefined) throw invalidFields([emailInvalid(pointer)])
  return { email, emailKey: key }
}

const emailInvalid = (pointer: string) => ({ pointer, code: 'email_invalid', message: 'Invalid email format' })

export function invalidFields(problems: readonly FieldError[]): Error {
  const detail = problems.length === 1 ? problems[0]?.message : `${problems.length} fields need attention`
  return platformErrors.validation_failed({
    detail: detail ?? 'A field needs attention',
    members: { errors: problems },
  })
}

export function usernameProblem(username: string, reservedAllowed = false): FieldError | undefined {
  const problem = (code: string, message: string) => ({ pointer: '/username', code, message })
  if (username.length < 3 || username.length > 30) {
    return problem('username_length', 'Username must be 3-30 characters')
  }
  if (!/^[A-Za-z0-9._-]+$/.test(username)) {
    return problem('username_characters', 'Username can only contain letters, numbers, dots, dashes, underscores')
  }
  if (!/[A-Za-z0-9]/.test(username)) return problem('username_characters', 'Username needs a letter or a number')
  if (!reservedAllowed && reserved.has(username.toLowerCase())) {
    return problem('username_reserved', 'This name is reserved; choose another')
  }
  return undefined
}

const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*$/
const hostName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/

/** Lower case, domain in its ASCII form; undefined when the text is no address. No quoted parts, no comments, no lists. */
export function emailKey(email: string): string | undefined {
  // Normalised first: a full-width @ must not become one after the check.
  const text = email.normalize('NFKC')
  const at = text.lastIndexOf('@')
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || text.length > 254 || local.length > 64 || text !== email.normalize('NFC')) return undefined
  if (!localPart.test(local)) return undefined
  const ascii = domainToASCII(domain).toLowerCase()
  return hostName.test(ascii) && ascii.length <= 253 ? `${local.toLowerCase()}@${ascii}` : undefined
}
