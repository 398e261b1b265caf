/** Names of a file as names of columns: those that can be one stay as they are, no two are the same. */
export function columnNames(sources: readonly string[]): string[] {
  const taken = new Set<string>()
  return sources.map((source, index) => {
    const wanted = nameOf(source) || `column_${index + 1}`
    let name = wanted
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${wanted.slice(0, 55)}_${number}`
    taken.add(name.toLowerCase())
    return name
  })
}

function nameOf(source: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(source)) return source
  const plain = source
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
  return plain === '' || /^[a-z]/.test(plain) ? plain : `c_${plain}`
}
