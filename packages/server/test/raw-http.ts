import { connect } from 'node:net'

const limitMs = 15_000

/** What came back for bytes sent as they are. */
export interface RawAnswer {
  /** 0 when the server closed without a word. */
  status: number
  /** Names in lower case; a repeated header keeps its last value. */
  headers: Record<string, string>
  body: string
  /** Everything received, to see whether more than one answer came. */
  text: string
}

/** Sends bytes no HTTP library would send. Resolves when the server has closed the connection, so it must. */
export function exchange(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`The server kept the connection open; it sent ${JSON.stringify(textOf(chunks).slice(0, 500))}`))
    }, limitMs)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A reset after the answer is the server's right: it read no further.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(parse(textOf(chunks)))
    })
  })
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8')

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? 0), headers, body: rest.join('\r\n\r\n'), text }
}

/** One request that closes its connection; header lines as they are given. */
export const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  [`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers, '', body].join('\r\n')
