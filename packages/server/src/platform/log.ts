import { writeSync } from 'node:fs'
import pino from 'pino'
import { currentCall } from './context.ts'
import { GatheredLines } from './gathered-lines.ts'

export type Logger = pino.Logger

export interface LogOptions {
  level: string
  /** Where lines go; standard output when absent. */
  destination?: pino.DestinationStream
  /** Told of each error that is logged. */
  onError?: (error: unknown, about: { level: string; message: unknown; request_id: unknown }) => void
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
  const destination = options.destination ?? standardOutput()
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: '[redacted]' },
      mixin: traceOf,
      ...(options.onError ? { hooks: { logMethod: telling(options.onError) } } : {}),
    },
    destination,
  )
  destinations.set(logger, destination)
  return logger
}

const destinations = new WeakMap<Logger, pino.DestinationStream>()

/**
 * Writes lines at the level `info` whose fields are JSON already, and no secret, past pino, which would look at each field
 * of each line. Undefined for a logger that is not ours, says more in each line, or nothing at this level.
 */
export function readyLines(log: Logger): ((fields: string, message: string) => void) | undefined {
  const destination = destinations.get(log)
  const isPlain = Object.keys(log.bindings()).length === 0 && log.isLevelEnabled('info')
  if (!destination || !isPlain) return undefined
  return (fields, message) => {
    destination.write(`{"level":"info"${isoTime()}${fields},"msg":"${message}"}\n`)
  }
}

/** Where there are traces, each line says which one it belongs to. */
const traceOf = () => {
  const span = currentCall()?.span
  return span ? { trace_id: span.traceId } : {}
}

let lastTime = { at: Number.NaN, text: '' }

/** As pino's own, written once for all lines of a millisecond. */
function isoTime(): string {
  const at = Date.now()
  if (lastTime.at !== at) lastTime = { at, text: `,"time":"${new Date(at).toISOString()}"` }
  return lastTime.text
}

const errorLevel = 50

type LogMethod = NonNullable<NonNullable<pino.LoggerOptions['hooks']>['logMethod']>

function telling(onError: NonNullable<LogOptions['onError']>): LogMethod {
  return function log(args, method, level) {
    const [first, message] = args as unknown as [unknown, unknown]
    if (level >= errorLevel && typeof first === 'object' && first !== null && 'err' in first) {
      const { request_id, reqId } = { ...this.bindings(), ...first } as { request_id?: unknown; reqId?: unknown }
      onError(first.err, { level: pino.levels.labels[level] ?? '', message, request_id: request_id ?? reqId })
    }
    method.apply(this, args)
  }
}

/** Lines that wait while none can be written. */
const mostBytesWaiting = 4 * 1024 * 1024

const standardOutputFd = 1
/** So long a line waits for others: each write costs more than the lines in it. */
const gatherMs = 50
const mostGathered = 16 * 1024

/** A log that cannot be written, on a full disk say, is no reason to stop: lines wait as far as there is room for them. */
function standardOutput(): pino.DestinationStream & { flushSync(): void } {
  const destination = pino.destination({ sync: false, maxLength: mostBytesWaiting, contentMode: 'buffer' } as object)
  let isFailing = false
  // The next line tries again, with those that wait before it.
  destination.on('error', () => {
    isFailing = true
  })
  destination.on('write', () => {
    isFailing = false
  })
  const gathered = new GatheredLines(mostGathered)
  let timer: NodeJS.Timeout | undefined
  const pass = () => {
    clearTimeout(timer)
    timer = undefined
    const bytes = gathered.take()
    // Its types know texts only.
    if (bytes.length > 0) destination.write(bytes as unknown as string)
  }
  const flush = destination.flushSync.bind(destination)
  // At the end of the process. On a full disk the stream would try for ever, and only a kill could end it: so the first
  // try is made here.
  destination.flushSync = () => {
    if (isFailing) return
    try {
      if (gathered.bytes.length > 0) gathered.drop(writeSync(standardOutputFd, gathered.bytes))
    } catch (error) {
      // A pipe whose reader is slow takes more later; whatever else it is ends the trying.
      isFailing = (error as NodeJS.ErrnoException).code !== 'EAGAIN'
    }
    if (isFailing) return
    try {
      pass()
      flush()
    } catch {
      // They are lost.
    }
  }
  return {
    write(line) {
      while (!gathered.add(line)) pass()
      if (gathered.bytes.length >= mostGathered) pass()
      else timer ??= setTimeout(pass, gatherMs)
    },
    // Before a line that is the last one.
    flushSync: destination.flushSync,
  }
}
