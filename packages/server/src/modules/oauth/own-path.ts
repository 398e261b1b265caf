/** Stands for our own origin; no browser could ever be sent there. */
const base = 'http://own.invalid'
const maxLength = 2_000

/**
 * The path of our own site that a text from outside means, as a browser reads it; undefined when a browser could be led
 * anywhere else by it. For redirects (security.md OA7, M28).
 */
export function ownPath(text: string | undefined): string | undefined {
  if (text === undefined || text.length > maxLength || !text.startsWith('/')) return undefined
  // Browsers drop some of these before they read an address, and take a backslash for a slash.
  if (/[\p{C}\p{Z}\\]/u.test(text)) return undefined
  const url = URL.parse(text, base)
  if (!url || url.origin !== base || url.username !== '' || url.password !== '') return undefined
  const path = `${url.pathname}${url.search}${url.hash}`
  // `/..//evil` becomes `//evil` only while it is read; a proxy may decode what we leave encoded.
  return /^\/(\/|%2f|%5c)/i.test(path) ? undefined : path
}

/** The same path with one parameter set. */
export function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address, base)
  url.searchParams.set(name, value)
  return url.origin === base ? `${url.pathname}${url.search}${url.hash}` : url.href
}
