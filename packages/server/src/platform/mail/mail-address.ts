import { domainToASCII } from 'node:url'

export interface MailAddress {
  address: string
  name?: string
}

const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*$/
const host = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** One address as a program writes it (RFC 5321 Dot-string): no quoted part, comment, list or line break. */
export function isPlainAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (at < 1 || at > 64 || text.length > 254) return false
  return localPart.test(text.slice(0, at)) && host.test(domainToASCII(text.slice(at + 1)).toLowerCase())
}

/** `no-reply@example.com` or `Atrium <no-reply@example.com>`. Throws when it is neither. */
export function parseMailAddress(text: string): MailAddress {
  const [, name = '', address = text] = /^([^<>]*)<([^<>]*)>$/.exec(text) ?? []
  const plain = { name: name.trim().replace(/^"(.*)"$/, '$1'), address: address.trim() }
  if (!isPlainAddress(plain.address)) throw new Error('is no address such as Atrium <no-reply@example.com>')
  if (/[\p{Cc}"<>@,;:\\]/u.test(plain.name))
    throw new Error('has a name with characters that names in mails cannot have')
  return plain.name === '' ? { address: plain.address } : plain
}
