import { Type } from 'typebox'

/** For whoever runs it. */
export const operateSettings = {
  MODULES: Type.String({
    default: '',
    maxLength: 4096,
    description:
      'Comma list of modules of your own: files, or folders with an index.ts or index.js, seen from the folder of the start. The commands read it too.',
  }),
  METRICS_TOKEN: Type.String({
    default: '',
    maxLength: 512,
    description:
      'Lets a monitor read /metrics and the details of the health, as Authorization: Bearer; at least 20 characters. Empty: /metrics is for this machine alone, the details for administrators.',
  }),
  REDIS_SENTINELS: Type.String({
    default: '',
    maxLength: 4096,
    description:
      'Comma list of Redis Sentinels, as host:port. The host of REDIS_URL is then the name of the group they watch (redis://:password@mymaster/0), and the one of it that takes writes is found, again after each failover.',
  }),
  REDIS_SENTINEL_USERNAME: Type.String({
    default: '',
    maxLength: 512,
    description: 'Who enters the sentinels, where they have an ACL.',
  }),
  REDIS_SENTINEL_PASSWORD: Type.String({
    default: '',
    maxLength: 1024,
    description:
      'What the sentinels ask for (their requirepass), as it is, without %XX. The password of the Redis they name stands in REDIS_URL.',
  }),
  REDIS_SENTINEL_TLS: Type.Boolean({
    default: false,
    description: 'Whether the sentinels are asked by TLS. Not said: where REDIS_URL is rediss://.',
  }),
  LOG_FILE: Type.String({
    default: '',
    maxLength: 4096,
    description:
      'A file that lines of the log go to, in place of standard output; with several WORKERS each has its own, such as atrium-2.log. Empty: standard output.',
  }),
  LOG_FILE_MAX_MB: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 10_000,
    description: 'How large LOG_FILE becomes before it is moved away as LOG_FILE.1.',
  }),
  LOG_FILE_KEPT: Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 1_000,
    description: 'How many of those that were moved away are kept. 0: what is full begins anew.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.String({
    default: '',
    maxLength: 2048,
    description:
      'Where an OpenTelemetry collector takes traces, e.g. http://localhost:4318; they are posted as JSON to /v1/traces of it. Empty: there are none.',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: Type.String({
    default: '',
    maxLength: 4096,
    description: 'Comma list of headers the collector asks for, as name=value, values with %XX where they have to.',
  }),
  OTEL_SERVICE_NAME: Type.String({ default: 'atrium', maxLength: 255, description: 'What traces call this server.' }),
  TRACE_PERCENT: Type.Integer({
    default: 100,
    minimum: 0,
    maximum: 100,
    description:
      'How many of a hundred traces that begin here are told of. One that begins at a proxy among TRUSTED_PROXIES is told of when the proxy says so.',
  }),
  DOCTOR_PAGE: Type.Boolean({
    default: true,
    description:
      'Whether people can check their browser and the way to the server at /doctor, signed in or not, and send what was found to those who may see the health of the server.',
  }),
  ERROR_SINK_URL: Type.String({
    default: '',
    maxLength: 2048,
    description:
      'Where errors that nobody foresaw are posted to as JSON, without what people typed: an https address of the internet. At most ten kinds a minute.',
  }),
}
