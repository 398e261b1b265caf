import { patternSettings, Settings } from '../src/config/settings.ts'
import { type ErrorTable, statusByKind } from '../src/platform/errors.ts'
import type { EventType } from '../src/platform/events/event-types.ts'

const note = (script: string) =>
  `<!-- Written by \`npm run ${script}\` from the code; a test fails when it differs. -->\n`

interface SettingSchema {
  type?: string
  anyOf?: { const: string }[]
  const?: string
  default?: unknown
  description?: string
  minimum?: number
  maximum?: number
}

function values(schema: SettingSchema): string {
  if (schema.anyOf) return schema.anyOf.map((option) => `\`${option.const}\``).join(', ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`
  return schema.type === 'boolean' ? '`true`, `false`' : 'text'
}

export function configurationPage(): string {
  const rows = Object.entries(Settings.properties as Record<string, SettingSchema>).map(([name, schema]) => {
    const initial = schema.default === '' ? '' : `\`${String(schema.default)}\``
    return `| \`${name}\` | ${initial} | ${values(schema)} | ${schema.description} |`
  })
  const patterns = patternSettings.map(
    ({ name, values, description }) => `| \`${name}\` |  | ${values} | ${description} |`,
  )
  return `${note('reference')}
# Configuration

Settings are environment variables, read once at the start. One that cannot be used stops the start with one line that
names it. \`npm run atrium -- config show\` prints each value and where it came from; secrets are masked.

| Setting | Default | Values | Meaning |
| --- | --- | --- | --- |
${[...rows, ...patterns].join('\n')}
`
}

export function errorsPage(errors: ErrorTable): string {
  const rows = Object.entries(errors).map(
    ([code, [kind, title, cure]]) => `| \`${code}\` | ${statusByKind[kind]} | ${title} | ${cure} |`,
  )
  return `${note('reference')}
# Errors

Every refusal is a problem document (RFC 9457, \`application/problem+json\`), over HTTP and in socket acks alike. Programs
switch on \`code\`, which never changes; \`detail\` and \`errors[].message\` are for people. \`request_id\` finds the line in
the log. The same texts stand at \`/problems/<code>\` of every installation.

| Code | Status | Meaning | What to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

interface Described {
  title?: string
  type?: string
  properties?: Record<string, Described & { title?: string }>
}

export function eventsPage(events: readonly EventType[], commands: readonly string[]): string {
  const rows = [...events]
    .sort((a, b) => a.type.localeCompare(b.type))
    .map(({ type, data }) => {
      const schema = data as Described
      return `| \`${type}\` | ${schema.title ?? schema.type} | ${Object.keys(schema.properties ?? {})
        .map((name) => `\`${name}\``)
        .join(', ')} |`
    })
  return `${note('reference')}
# Events

## Durable events

They are rows: written in the transaction of the change, numbered per stream without holes, told live, and given again by
\`sync\`. Envelope: \`{"stream":"conversation:<id>","seq":42,"type":"message.created","at":"…","data":{…}}\`. What a receiver
may not see comes as \`skipped\`, without data.

| Event | Data | Fields |
| --- | --- | --- |
${rows.join('\n')}

## Events of the connection

| Event | Payload |
| --- | --- |
| \`session.ready\` | \`user\`, \`session_id\`, \`server_time\`, \`epoch\`, \`limits\`, \`unread\`: after every connect |
| \`session.expiring\` | \`in\`: seconds until the access of this session ends; renew it |
| \`session.ended\` | \`reason\`: expired, revoked, password_changed, suspended, slow_consumer or shutdown; \`retry_after\` seconds with shutdown |

## Events without a place

Told once, to who is connected then. They have neither \`stream\` nor \`seq\`.

| Event | Payload |
| --- | --- |
| \`typing\` | \`conversation_id\`, \`user_id\`, \`on\`: to the others in the conversation |
| \`presence.changed\` | \`user_id\`, \`state\`, \`last_seen_at\`, \`text\`: to sockets that watch the person |
| \`data.changed\` | \`subscription_id\`, \`table\`, \`action\` (insert, update, delete), \`key\`, \`record\`, \`changed\`, \`cursor\`: a row of a table one subscribed to |
| \`data.reset\` | \`subscription_id\`, \`table\`, \`cursor\`: load the rows anew; the rules are others, or too much was missed |
| \`data.ended\` | \`subscription_id\`, \`table\`, \`reason\`: the table is closed to this person |

## Commands

\`socket.emit(name, input, ack)\`; the ack is \`{"ok":true,"data":…}\` or \`{"ok":false,"error":<problem>}\`.

${commands.map((name) => `- \`${name}\``).join('\n')}
`
}
