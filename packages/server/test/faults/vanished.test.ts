import { describe, expect } from 'vitest'
import { History } from './harness/history.ts'
import { engines, Installation, isFull } from './harness/installation.ts'
import { Link } from './harness/link.ts'
import { row } from './harness/matrix.ts'
import { ask, converse, type Person, registerAll } from './harness/person.ts'
import { Reader } from './harness/reader.ts'
import { until } from './harness/waiting.ts'

// The heartbeat alone takes most of a minute.
describe.each(engines)('%s', (engine) => {
  row(
    'F27',
    engine,
    'a client that vanished without a word is found out, and no longer shown as present',
    async (tell) => {
      const installation = await Installation.start(engine)
      const link = await Link.to(installation.origin)
      const readers: Reader[] = []
      try {
        const { origin } = installation
        const [ann, bob] = (await registerAll(origin, 2)) as [Person, Person]
        await converse(origin, ann, bob)
        const state = async () =>
          (await ask(origin, `/presence?user_ids=${ann.id}`, { token: bob.token })).json.data[0]?.state
        readers.push(await new Reader('ann', new URL(link.url(origin)).origin, ann, new History()).open())
        await until(
          async () => (await state()) === 'online',
          10_000,
          () => 'ann is not shown as present',
          200,
        )
        link.silence()
        const offlineMs = await until(
          async () => (await state()) === 'offline',
          70_000,
          () => 'ann is still shown',
          200,
        )
        tell({ offline_ms: offlineMs })
        // 45 s for the heartbeat, 5 s in which one may come back, and a second or two for the note.
        expect(offlineMs).toBeLessThan(53_000)
      } finally {
        for (const reader of readers) reader.close()
        await link.close()
        await installation.drop()
      }
    },
    { skipped: !isFull },
  )
})
