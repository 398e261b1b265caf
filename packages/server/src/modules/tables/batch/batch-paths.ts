/** Files are sent and taken by themselves: what is streamed has no place in one transaction. */
const apart = new Set(['export', 'import'])

/** What a path and a query may hold as it is; everything else is encoded, as every client does before it sends. */
const unsafe = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?]/gu

/** The path below the base, which may be written or not, and the query; undefined for what is no request to tables. */
export function tablePath(text: string): { path: string; query: string } | undefined {
  const encoded = text.replace(unsafe, (char) => encodeURIComponent(char))
  const [whole = '', ...more] = encoded.split('?')
  const path = whole.replace(/^\/api\/v1(?=\/)/, '')
  const [first, ...segments] = path.split('/')
  const decoded = segments.map(decode)
  const [root, , third] = decoded
  if (first !== '' || root !== 'data' || segments[0] !== 'data' || (third !== undefined && apart.has(third))) {
    return undefined
  }
  const isPlain = decoded.every((segment) => segment !== undefined && !['', '.', '..'].includes(segment))
  return isPlain ? { path, query: more.join('?') } : undefined
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
