import type { Config } from './config/config.ts'
import { postMessage } from './modules/webhooks/index.ts'
import { createLogger, type Logger } from './platform/log.ts'
import { fileOfWorker, RotatingFile } from './platform/rotating-file.ts'
import { atExit, workerNumber } from './workers.ts'

const answerMs = 5_000
const windowMs = 60_000
const mostAMinute = 10
const mostText = 300
/** Of what an error says; more would take long to be gone through. */
const mostRead = 4_000
const mostFrames = 20

/** The log, and with ERROR_SINK_URL somebody who is told of what failed. */
export function openLog(config: Config): Logger {
  const url = config.secrets.errorSink
  const sink = url === '' ? undefined : new ErrorSink(url, { loopbackAllowed: config.testing })
  return createLogger({
    level: config.logLevel,
    ...(config.logFile ? { destination: openLogFile(config.logFile) } : {}),
    ...(sink ? { onError: (error, about) => sink.tell(error, about) } : {}),
  })
}

/** Where it cannot be written, the start fails and says so. */
function openLogFile(file: NonNullable<Config['logFile']>): RotatingFile {
  const opened = new RotatingFile({ ...file, path: fileOfWorker(file.path, workerNumber) })
  atExit(() => opened.flushSync())
  return opened
}

/** Posts errors that nobody foresaw; each kind once a minute, and only so many. What cannot be told is not tried again. */
class ErrorSink {
  readonly #url: string
  readonly #rules: { loopbackAllowed: boolean }
  readonly #told = new Set<string>()
  #leftOut = 0
  #windowEnds = 0

  constructor(url: string, rules: { loopbackAllowed: boolean }) {
    this.#url = url
    this.#rules = rules
  }

  tell(error: unknown, about: Readonly<Record<string, unknown>>): void {
    const { name, code, frames, text } = describe(error)
    const kind = `${name} ${code} ${text}`
    if (performance.now() > this.#windowEnds) {
      this.#windowEnds = performance.now() + windowMs
      this.#told.clear()
    }
    if (this.#told.has(kind) || this.#told.size >= mostAMinute) {
      this.#leftOut++
      return
    }
    this.#told.add(kind)
    const body = JSON.stringify({
      ...{ time: new Date().toISOString(), service: 'atrium', level: about.level, message: about.message },
      request_id: about.request_id ?? null,
      error: { name, code, text, frames },
      left_out_before: this.#leftOut,
    })
    this.#leftOut = 0
    const message = { url: this.#url, headers: {}, body, signal: AbortSignal.timeout(answerMs) }
    postMessage(message, this.#rules).catch(() => undefined)
  }
}

function describe(error: unknown) {
  const { name = 'Error', code = null, message = String(error), stack = '' } = (error ?? {}) as NodeJS.ErrnoException
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return { name, code, text: scrubbed(message), frames: frames.slice(0, mostFrames).map((line) => line.trim()) }
}

/** Values that databases and others put into what they say: quoted ones, addresses, long tokens and numbers. */
export const scrubbed = (text: string): string =>
  text
    .slice(0, mostRead)
    // Also where it has no end, as it may have been cut off; an apostrophe within a word begins none.
    .replaceAll(/(?<!\w)'(?:[^'\\]|\\.|'')*(?:'|$)/g, '‹text›')
    .replaceAll(/"(?:[^"\\]|\\.)*(?:"|$)/g, '‹text›')
    .replaceAll(/\([^()]*\)=\([^()]*\)/g, '‹values›')
    .replaceAll(/[^\s@<>()]+@[^\s@<>()]+/g, '‹address›')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '‹address›')
    .replaceAll(/\b(?:[0-9a-f]{0,4}:){3,}[0-9a-f.:]*/gi, '‹address›')
    .replaceAll(/[\w+/=-]{24,}/g, '‹token›')
    .replaceAll(/\d{5,}/g, '‹number›')
    .slice(0, mostText)
