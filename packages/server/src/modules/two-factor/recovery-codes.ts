import { createHash, randomBytes } from 'node:crypto'

/** Crockford's base32: no letter looks like a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const count = 10
/** 24 letters of 5 bits: 120 bits, so a fast hash is enough (security.md AU11). */
const letters = 24

/** Ten new codes, as they are shown once. */
export const newRecoveryCodes = (): string[] => Array.from({ length: count }, newCode)

function newCode(): string {
  // 32 letters divide 256 evenly: no letter comes up more often than another.
  const text = [...randomBytes(letters)].map((byte) => alphabet[byte % 32]).join('')
  return text.match(/.{4}/g)?.join('-') ?? text
}

/** What is stored. Case, spaces and dashes do not matter, nor do letters that are mistaken for digits. */
export function recoveryCodeHash(input: string): string {
  const code = input.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  return createHash('sha256').update(code).digest('base64url')
}
