import pino from 'pino'

export type Logger = pino.Logger

export interface LogOptions {
  level: string
  /** Where lines go; standard output when absent. */
  destination?: pino.DestinationStream
}

/** Paths whose values never reach a line, whoever logs the object. */
const redacted = [
  'password',
  'new_password',
  'current_password',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'api_key',
  'key',
  'cookie',
  'secrets',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

export function createLogger(options: LogOptions): Logger {
  const destination = options.destination ?? pino.destination({ sync: false })
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: '[redacted]' },
    },
    destination,
  )
}
