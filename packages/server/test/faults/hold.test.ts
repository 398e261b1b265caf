import { afterAll, beforeAll, describe, expect } from 'vitest'
import { MailServer } from '../mail-server.ts'
import type { Cluster, Stage } from './harness/cluster.ts'
import { clusterRows } from './harness/cluster-rows.ts'
import { holdOne } from './harness/cluster-stages.ts'
import { engines, isFull } from './harness/installation.ts'
import { ask } from './harness/person.ts'
import { pause, until } from './harness/waiting.ts'

let post: MailServer
beforeAll(async () => {
  post = await MailServer.start()
  // Slow enough that the one that is stopped is in the middle of something.
  post.beforeAnswer = () => pause(100)
})
afterAll(() => post.stop())

/** How often mails were taken that had been taken before, and how many there were. */
function countMails(from: number) {
  const ids = post.mails.slice(from).map(({ messageId }) => messageId)
  return { mails: new Set(ids).size, mails_twice: ids.length - new Set(ids).size }
}

async function untilNothingWaits({ installation }: Cluster): Promise<void> {
  const waiting = () =>
    installation.db.selectFrom('mails').select('id').where('status', 'in', ['pending', 'sending']).execute()
  await until(
    async () => (await waiting()).length === 0,
    60_000,
    () => 'mails still wait',
    200,
  )
}

/** Longer than the lease of a mail: others take what the one that is stopped had begun. */
const heldSeconds = 35

const hold: Stage = async (cluster) => {
  const { chat, installation, nodes } = cluster
  const from = post.mails.length
  // Only proved addresses are mailed.
  await installation.unitOfWork(({ tx }) => tx.updateTable('users').set({ email_verified: 1 }).execute())
  let isOver = false
  const asking = (async () => {
    for (let turn = 0; !isOver; turn++) {
      const { name } = chat.readers[turn % chat.readers.length]?.person ?? { name: '' }
      const { origin } = nodes[turn % nodes.length] ?? installation
      await ask(origin, '/auth/email-otp', { body: { email: `${name}@example.com` } }).catch(() => {})
      await pause(200)
    }
  })()
  await pause(2_000)
  const figures = await holdOne({ seconds: heldSeconds })(cluster)
  isOver = true
  await asking
  await untilNothingWaits(cluster)
  return { ...figures, ...countMails(from) }
}

describe.skipIf(!isFull).each(engines)('%s', (engine) => {
  const options = () => ({
    nodes: 2,
    variables: { SMTP_URL: post.url, MAIL_FROM: 'Atrium <no-reply@example.com>', EMAIL_VERIFICATION: 'off' },
  })
  clusterRows(engine, options, {
    F4: {
      promise: 'an instance that stands still for a while does nothing that another has done',
      full: hold,
      check: ({ mails, mails_twice, caught_up_ms }) => {
        expect.soft(mails).toBeGreaterThan(10)
        // One may have been taken and not yet been marked when the instance was stopped (reliability 2.7).
        expect.soft(mails_twice).toBeLessThanOrEqual(1)
        expect.soft(caught_up_ms).toBeLessThan(10_000)
      },
    },
  })
})
