import { type Judge, MailServer } from '../../mail-server.ts'
import { type Engine, Installation } from './installation.ts'
import { ask, type Person, registerAll } from './person.ts'
import type { ServerProcess } from './server-process.ts'
import { pause, until } from './waiting.ts'

/** Its address is refused for good, whenever the mail server answers at all. */
const refused = 'person1'
/** After the mail server is back, everything has left within this. */
const deliveryLimitMs = 60_000

const isRefused = (address: string) => address.startsWith(`${refused}@`)
const takeTheOthers: Judge = (to) => (isRefused(to) ? { at: 'RCPT', code: 550 } : 'take')

async function begin(engine: Engine): Promise<{ installation: Installation; post: MailServer; people: Person[] }> {
  const post = await MailServer.start()
  const from = 'Atrium <no-reply@example.com>'
  // The mails of this run are those it asks for.
  const variables = { SMTP_URL: post.url, MAIL_FROM: from, EMAIL_VERIFICATION: 'off' }
  const installation = await Installation.start(engine, { variables })
  const people = await registerAll(installation.nodes[0]?.origin ?? '', 5)
  // Only proved addresses are mailed.
  await installation.unitOfWork(({ tx }) => tx.updateTable('users').set({ email_verified: 1 }).execute())
  return { installation, post, people }
}

/** Milliseconds of each request: every one that counts writes a mail, every other reads. */
async function useApi(origin: string, people: readonly Person[], seconds: number): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  for (let turn = 0; performance.now() < end; turn++) {
    const person = people[turn % people.length] as Person
    for (const request of [
      () => ask(origin, '/auth/email-otp', { body: { email: `${person.name}@example.com` } }),
      () => ask(origin, '/users/me', { token: person.token }),
    ]) {
      const start = performance.now()
      const { status } = await request()
      if (status >= 300) throw new Error(`The API answered ${status}`)
      times.push(performance.now() - start)
    }
    await pause(100)
  }
  return times
}

const slowest = (times: readonly number[], part: number): number =>
  [...times].sort((a, b) => a - b)[Math.ceil(times.length * part) - 1] ?? 0

export interface OutageFindings {
  mails: number
  dead: number
  /** Message-IDs that should have arrived and did not, or arrived more than once. */
  lost: string[]
  doubled: string[]
  /** Dead letters to others than the refused one, and refused mails that are none. */
  misjudged: string[]
  p95Ms: { before: number; during: number }
  /** From the return of the mail server until nothing waited. */
  deliveredMs: number
}

/** The mail server is away, then says "not now", then hangs after the last byte, and comes back. */
export async function runMailOutage(options: { engine: Engine; seconds: number }): Promise<OutageFindings> {
  const { engine, seconds } = options
  const { installation, people, ...given } = await begin(engine)
  let { post } = given
  try {
    const origin = installation.nodes[0]?.origin ?? ''
    post.judge = takeTheOthers
    await useApi(origin, people, 0.5)
    const before = await useApi(origin, people, seconds)
    const taken = [...post.mails]

    await post.stop()
    const during = await useApi(origin, people, seconds)
    // It judges from its first connection on: mails wait at its door.
    post = await MailServer.start({}, post.port, () => ({ at: 'DATA', code: 451 }))
    during.push(...(await useApi(origin, people, seconds)))
    post.judge = (to) => (isRefused(to) ? { at: 'RCPT', code: 550 } : 'hang')
    during.push(...(await useApi(origin, people, seconds)))
    // A machine that comes back knows nothing of the connections it had.
    await post.stop()
    post = await MailServer.start({}, post.port, takeTheOthers)
    const deliveredMs = await untilNothingWaits(installation)

    const rows = await installation.db.selectFrom('mails').select(['message_id', 'status', 'to_address']).execute()
    const arrived = [...taken, ...post.mails].map(({ messageId }) => messageId)
    const expected = rows.filter(({ to_address }) => !isRefused(to_address))
    return {
      mails: rows.length,
      dead: rows.filter(({ status }) => status === 'dead').length,
      lost: expected.map(({ message_id }) => message_id).filter((id) => !arrived.includes(id)),
      doubled: arrived.filter((id, index) => arrived.indexOf(id) !== index) as string[],
      misjudged: rows
        .filter(({ status, to_address }) => status !== (isRefused(to_address) ? 'dead' : 'sent'))
        .map(({ status, to_address }) => `${to_address} ${status}`),
      p95Ms: { before: slowest(before, 0.95), during: slowest(during, 0.95) },
      deliveredMs,
    }
  } finally {
    await installation.drop()
    await post.stop()
  }
}

function untilNothingWaits({ db }: Installation): Promise<number> {
  const count = async () =>
    (await db.selectFrom('mails').select('id').where('status', 'in', ['pending', 'sending']).execute()).length
  return until(
    async () => (await count()) === 0,
    deliveryLimitMs,
    () => 'mails still wait',
    200,
  )
}

export interface MailKillFindings {
  /** Kills that came between the 250 of the mail server and the mark. */
  kills: number
  mails: number
  /** How often each Message-ID arrived. */
  arrivals: Map<string, number>
}

/** The server is killed after the mail server took a mail and before that was written down. */
export async function runMailKills(options: { engine: Engine; kills: number }): Promise<MailKillFindings> {
  const { installation, post, people } = await begin(options.engine)
  try {
    const [server] = installation.nodes as [ServerProcess]
    let kills = 0
    for (let round = 0; round < options.kills; round++) {
      const { isTold, release } = holdTheMark(installation, post)
      await ask(server.origin, '/auth/email-otp', { body: { email: `${people[round]?.name}@example.com` } })
      await isTold
      await pause(100)
      await server.kill()
      await release()
      const sending = await installation.db.selectFrom('mails').select('id').where('status', '=', 'sending').execute()
      kills += sending.length
      await server.start()
      await untilNothingWaits(installation)
    }
    const rows = await installation.db.selectFrom('mails').select('message_id').execute()
    const arrivals = new Map(rows.map(({ message_id }) => [message_id, 0]))
    for (const { messageId = '' } of post.mails) arrivals.set(messageId, (arrivals.get(messageId) ?? 0) + 1)
    return { kills, mails: rows.length, arrivals }
  } finally {
    await installation.drop()
    await post.stop()
  }
}

/** Locks the row of the next mail while the mail server takes it, so that "sent" cannot be written. */
function holdTheMark({ unitOfWork }: Installation, post: MailServer) {
  let letGo = () => {}
  const held = new Promise<void>((done) => {
    letGo = done
  })
  let ended: Promise<void> = Promise.resolve()
  const isTold = new Promise<void>((told) => {
    post.beforeAnswer = () =>
      new Promise<void>((isLocked) => {
        post.beforeAnswer = () => {}
        ended = unitOfWork(async ({ tx }) => {
          await tx.updateTable('mails').set({ last_error: null }).where('status', '=', 'sending').execute()
          isLocked()
          await held
        })
      })
    post.afterAnswer = () => {
      post.afterAnswer = () => {}
      told()
    }
  })
  const release = async () => {
    letGo()
    await ended
  }
  return { isTold, release }
}
