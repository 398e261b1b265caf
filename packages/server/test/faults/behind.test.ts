import { describe, expect } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import { engines, Installation, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'
import { ask, converse, type Person, registerAll } from './harness/person.ts'
import { assertFound, seedMessages } from './harness/seed-messages.ts'

const count = isFull ? 100_000 : 5_000
const some = isFull ? engines : engines.slice(0, 1)

describe.each(some)('%s', (engine) => {
  row('F20', engine, 'who comes back far behind gets everything, in order and in pages', async (tell) => {
    const installation = await Installation.start(engine)
    try {
      const { origin } = installation
      const [ann, bob] = (await registerAll(origin, 2)) as [Person, Person]
      const room = await converse(origin, ann, bob)
      await seedMessages(installation, { conversationId: room, senderId: ann.id, count, newId })

      const [node] = installation.nodes
      await node?.loopLag()
      const seqs: number[] = []
      const times: number[] = []
      const began = performance.now()
      for (let more = true; more; ) {
        const asked = performance.now()
        const body = { streams: { [`conversation:${room}`]: seqs.at(-1) ?? 0 }, only: true, limit: 500 }
        const { status, json } = await ask(origin, '/sync', { token: bob.token, body })
        times.push(performance.now() - asked)
        if (status !== 200) throw new Error(`/sync: ${status} ${JSON.stringify(json)}`)
        expect(json.reset).toEqual([])
        seqs.push(...json.events.map((event: { seq: number }) => event.seq))
        more = json.more
      }
      const allMs = performance.now() - began
      const loopLag = (await node?.loopLag()) ?? Number.NaN
      tell({
        messages: count,
        first_page_ms: times[0] ?? 0,
        slowest_page_ms: Math.max(...times),
        all_ms: allMs,
        loop_lag_ms: loopLag,
      })
      assertFound(seqs, count)
      expect(times[0]).toBeLessThan(isFull ? 300 : 1_000)
      if (isFull) expect(loopLag).toBeLessThan(100)
    } finally {
      await installation.drop()
    }
  })
})
