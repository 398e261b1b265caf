import type { TracingConfig } from '../platform/tracing/tracer.ts'
import { list } from './contradictions.ts'
import type { Settings } from './settings.ts'

type Attempt = <T>(name: string, read: () => T, fallback: T) => T

/** Undefined where no collector is named. */
export function readTracingConfig(settings: Settings, attempt: Attempt): TracingConfig | undefined {
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT === '') return undefined
  return attempt(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    () => ({
      url: collectorUrl(settings.OTEL_EXPORTER_OTLP_ENDPOINT),
      headers: attempt('OTEL_EXPORTER_OTLP_HEADERS', () => readHeaders(settings.OTEL_EXPORTER_OTLP_HEADERS), {}),
      serviceName: settings.OTEL_SERVICE_NAME,
      percent: settings.TRACE_PERCENT,
    }),
    undefined,
  )
}

function collectorUrl(text: string): URL {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new Error('needs an http or https address, without a name, a password or a query in it')
  if (!url.pathname.endsWith('/v1/traces')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`
  return url
}

const headerName = /^[A-Za-z0-9-]{1,100}$/

function readHeaders(text: string): Record<string, string> {
  const pairs = list(text).map((pair): [string, string] => {
    const end = pair.indexOf('=')
    const name = pair.slice(0, end).trim()
    const value = decodeURIComponent(pair.slice(end + 1).trim())
    if (end < 0 || !headerName.test(name) || /[^ -~]/.test(value))
      throw new Error('needs name=value, with commas between')
    return [name, value]
  })
  return Object.fromEntries(pairs)
}
