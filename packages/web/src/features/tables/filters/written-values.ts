/** Values between commas; one with a comma or a space at its ends stands in quotes, a quote inside it is doubled. */
export const splitList = (text: string): string[] =>
  parts(text)
    .map(({ value }) => value)
    .filter(Boolean)

function parts(text: string): { value: string; isQuoted: boolean }[] {
  const found = text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)
  return [...found].map(([, quoted, plain = '']) => ({
    value: quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
    isQuoted: quoted !== undefined,
  }))
}

const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`
const needsQuotes = (value: string): boolean => /^\s|\s$|[",]/.test(value)

export const joinList = (values: readonly string[]): string =>
  values.map((value) => (needsQuotes(value) ? quote(value) : value)).join(', ')

const looksTyped = (value: string): boolean => /^(?:true|false|-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?)$/.test(value)

/** The same of what JSON tells apart: a number, true or false; in quotes each of them is text. */
export const splitItems = (text: string): (string | number | boolean)[] =>
  parts(text)
    .filter(({ value, isQuoted }) => isQuoted || value !== '')
    .map(({ value, isQuoted }) => {
      if (isQuoted || !looksTyped(value)) return value
      return value === 'true' || value === 'false' ? value === 'true' : Number(value)
    })

export const joinItems = (values: readonly unknown[]): string =>
  values
    .map((value) => {
      const isText = typeof value === 'string'
      return isText && (value === '' || needsQuotes(value) || looksTyped(value)) ? quote(value) : String(value)
    })
    .join(', ')

/** Undefined while it is no GeoJSON of an area. */
export function areaIn(text: string): { type: string; coordinates: unknown } | undefined {
  try {
    const { type, coordinates, geometry } = JSON.parse(text)
    // As maps and editors hand it out.
    if (type === 'Feature') return areaIn(JSON.stringify(geometry))
    return (type === 'Polygon' || type === 'MultiPolygon') && Array.isArray(coordinates)
      ? { type, coordinates }
      : undefined
  } catch {
    return undefined
  }
}
