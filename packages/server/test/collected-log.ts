import { createLogger, type Logger } from '../src/platform/log.ts'
import { password } from './test-app.ts'

export interface CollectedLog {
  logger: Logger
  lines: string[]
  /** The parsed lines that hold this text. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
  find(text: string): any[]
  /** The lines that hold a secret: a signed token, a hash, a password or one of those given. LO1 wants none. */
  leaks(secrets?: Iterable<string>): string[]
}

const tokenOrHash = /eyJ[\w-]{10,}\.[\w-]+\.[\w-]*|\$argon2|_token_cookie=/

/** Everything an application logs, at the most talkative level, as it would reach standard output. */
export function collectLog(): CollectedLog {
  const lines: string[] = []
  const destination = { write: (line: string) => lines.push(line) }
  return {
    logger: createLogger({ level: 'trace', destination }),
    lines,
    find: (text) => lines.filter((line) => line.includes(text)).map((line) => JSON.parse(line)),
    leaks: (secrets = []) => {
      const known = [password, ...secrets]
      return lines.filter((line) => tokenOrHash.test(line) || known.some((secret) => line.includes(secret)))
    },
  }
}
