import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MailEnvelope } from '../../../src/modules/mails/mail-envelope.ts'
import { newId } from '../../../src/platform/ids.ts'
import { deriveKeys } from '../../../src/platform/keys.ts'
import type { Figures, Stage } from './cluster.ts'
import { failures } from './failing-module.ts'
import type { Installation } from './installation.ts'
import { ask } from './person.ts'
import type { Reader } from './reader.ts'
import { pause, until } from './waiting.ts'

const limitMs = 20_000

/** Hears of errors, as whoever is behind ERROR_SINK_URL does. */
export interface Alarm {
  url: string
  heard: string[]
  stop(): void
}

export async function startAlarm(): Promise<Alarm> {
  const heard: string[] = []
  const server = createServer((request, response) => {
    let said = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      said += piece
    })
    request.on('end', () => {
      heard.push(said)
      response.end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard, stop }
}

/** Mails that nobody can write: a kind that does not exist, and one whose words want what is not there. */
const unwritable = { nonsense: 'There is no mail called nonsense', identity_linked: 'The mail has no provider' }

/** F29: whatever goes wrong in a handler, a command, a job or a mail is told once and stops nothing else. */
export const failEverywhere =
  ({ seconds }: { seconds: number }, alarm: () => Alarm, logFile: string): Stage =>
  async ({ installation, chat, probes, note }) => {
    const from = performance.now()
    const [reader] = chat.readers as [Reader]
    note('everything goes wrong once')
    const answers = await goWrong(installation, reader)
    await spoilMails(installation, reader)
    await until(
      () => alarm().heard.length >= wanted.length,
      limitMs,
      () => `only ${alarm().heard.length} were told`,
    ).catch((error: unknown) => console.log(String(error)))
    // Whatever is told twice is told by now: jobs had more turns, and a dead letter would have been tried again.
    await pause(seconds * 1000)
    const lines = linesOf(logFile)
    const times = (texts: readonly string[], words: string) => texts.filter((text) => text.includes(words)).length
    const wrong = wanted.filter((words) => times(lines, words) !== 1 || times(alarm().heard, words) !== 1)
    for (const words of wrong)
      console.log(`${words}: logged ${times(lines, words)}, told ${times(alarm().heard, words)}`)
    const mails = await installation.db.selectFrom('mails').select(['status']).execute()
    const { asked, failed } = probes.figures(from)
    return {
      failures: wanted.length,
      alerts: alarm().heard.length,
      error_lines: lines.length,
      not_once: wrong.length,
      ...answers,
      dead: mails.filter(({ status }) => status === 'dead').length,
      sent: mails.filter(({ status }) => status === 'sent').length,
      waiting: mails.filter(({ status }) => status === 'pending' || status === 'sending').length,
      asked,
      failed,
    }
  }

const wanted = [...Object.values(failures), ...Object.values(unwritable)]

/** How often those who asked were told that it went wrong, and how often something else. */
async function goWrong({ origin }: Installation, { person, socket }: Reader): Promise<Figures> {
  const { token } = person
  const statuses = new Map<string, number>()
  for (const way of ['throws', 'rejects', 'strays']) {
    const { status } = await ask(origin, `/modules/faulty/${way}`, { token, body: {} })
    statuses.set(way, status)
  }
  for (const name of ['faulty.throw', 'faulty.stray']) {
    const answer = await socket.timeout(limitMs).emitWithAck(name, {})
    statuses.set(name, answer.ok ? 200 : answer.error.status)
  }
  const expected: Record<string, number> = {
    throws: 500,
    rejects: 500,
    strays: 200,
    'faulty.throw': 500,
    'faulty.stray': 200,
  }
  const strange = [...statuses].filter(([way, status]) => status !== expected[way])
  for (const [way, status] of strange) console.log(`${way}: ${status}`)
  return { answered: statuses.size - strange.length, answered_otherwise: strange.length }
}

/** A mail that leaves, and copies of it that cannot be written. */
async function spoilMails({ nodes, origin, db, unitOfWork }: Installation, { person }: Reader): Promise<void> {
  await unitOfWork(({ tx }) => tx.updateTable('users').set({ email_verified: 1 }).execute())
  const sent = () => db.selectFrom('mails').selectAll().where('status', '=', 'sent').executeTakeFirst()
  const write = () => ask(origin, '/auth/email-otp', { body: { email: `${person.name}@example.com` } })
  await write()
  await until(
    async () => (await sent()) !== undefined,
    limitMs,
    () => 'no mail leaves',
  )
  const good = await sent()
  if (!good) return
  const { SECRET_KEY = '', PUBLIC_URL = '' } = nodes[0]?.variables ?? {}
  const envelope = new MailEnvelope({ sealingKey: deriveKeys(SECRET_KEY).sealing, publicUrl: new URL(PUBLIC_URL) })
  const copies = Object.keys(unwritable).map((template) => {
    const copy = {
      ...{ ...good, template, status: 'pending' as const, attempts: 0, sent_at: null },
      ...{ id: newId(), message_id: `<${newId()}@example.com>`, next_attempt_at: good.created_at },
    }
    return { ...copy, sealed: envelope.seal(copy, {}) }
  })
  await unitOfWork(({ tx }) => tx.insertInto('mails').values(copies).execute())
  await write()
  const isLeft = async () =>
    (await db.selectFrom('mails').select('id').where('status', 'in', ['pending', 'sending']).execute()).length > 0
  await until(
    async () => !(await isLeft()),
    limitMs,
    () => 'mails still wait',
    100,
  ).catch(() => {})
}

const linesOf = (file: string): string[] =>
  (existsSync(file) ? readFileSync(file, 'utf8') : '')
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line))
