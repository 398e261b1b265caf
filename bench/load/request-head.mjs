/** The head of a request, but for the empty line that ends it. */
export function head(line, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `${[line, 'host: 127.0.0.1', ...lines].join('\r\n')}\r\n`
}
