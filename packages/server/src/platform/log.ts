import { writeSync } from 'node:fs'
import pino from 'pino'
import { currentCall } from './context.ts'

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
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: '[redacted]' },
      mixin: traceOf,
      ...(options.onError ? { hooks: { logMethod: telling(options.onError) } } : {}),
    },
    options.destination ?? standardOutput(),
  )
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
  const destination = pino.destination({ sync: false, maxLength: mostBytesWaiting })
  let isFailing = false
  // The next line tries again, with those that wait before it.
  destination.on('error', () => {
    isFailing = true
  })
  destination.on('write', () => {
    isFailing = false
  })
  let gathered = ''
  let timer: NodeJS.Timeout | undefined
  const pass = () => {
    clearTimeout(timer)
    timer = undefined
    if (gathered === '') return
    destination.write(gathered)
    gathered = ''
  }
  const flush = destination.flushSync.bind(destination)
  // At the end of the process. On a full disk the stream would try for ever, and only a kill could end it: so the first
  // try is made here.
  destination.flushSync = () => {
    if (isFailing) return
    try {
      const bytes = Buffer.from(gathered)
      if (bytes.length > 0) gathered = bytes.subarray(writeSync(standardOutputFd, bytes)).toString()
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
      gathered += line
      if (gathered.length >= mostGathered) pass()
      else timer ??= setTimeout(pass, gatherMs)
    },
    // Before a line that is the last one.
    flushSync: destination.flushSync,
  }
}
