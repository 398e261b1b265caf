import { describe, expect } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { percentile } from './harness/evidence.ts'
import { History } from './harness/history.ts'
import { engines, Installation, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'
import { ask, converse, type Person, registerAll } from './harness/person.ts'
import { Reader } from './harness/reader.ts'
import { assertFound } from './harness/seed-messages.ts'
import type { ServerProcess } from './harness/server-process.ts'
import { pause, until } from './harness/waiting.ts'

/** Ten minutes of a lively conversation, in as little time as the server needs for it. */
const pushes = 3_000
const slowSockets = 5
/** As long as a message may be: what waits for five who do not read would be 60 MB. */
const text = 'x'.repeat(4_000)
const sendersAtOnce = 4

// connections.test.ts has the same with fewer pushes, for every change.
describe.each(engines)('%s', (engine) => {
  row(
    'F19',
    engine,
    'who does not read is let go, costs nobody anything, and finds everything later',
    async (tell) => {
      const installation = await Installation.start(engine)
      const slow: RawWebSocket[] = []
      let reader: Reader | undefined
      try {
        const [server] = installation.nodes as [ServerProcess]
        const { origin } = installation
        const [ann, bob] = (await registerAll(origin, 2)) as [Person, Person]
        const room = await converse(origin, ann, bob)
        const history = new History()
        reader = await new Reader('ann', origin, ann, history).open()

        let sent = 0
        /** Milliseconds from each answer until the one who reads had it. */
        const push = async (count: number): Promise<number[]> => {
          const told = new Map<string, number>()
          const end = sent + count
          const send = async () => {
            while (sent < end) {
              sent++
              const client_id = newId()
              const body = { client_id, text: `${sent} ${text}`.slice(0, 4_000) }
              const answer = await ask(origin, `/conversations/${room}/messages`, { token: ann.token, body })
              if (answer.status !== 201) throw new Error(JSON.stringify(answer.json))
              told.set(client_id, performance.now())
            }
          }
          await Promise.all(Array.from({ length: sendersAtOnce }, send))
          await until(
            () => reader?.position(room) === sent,
            20_000,
            () => `ann has ${reader?.position(room)} of ${sent}`,
          )
          return history.lines.flatMap(({ op, key, t }) => {
            const at = op === 'hear' ? told.get(key) : undefined
            return at === undefined ? [] : [Math.max(0, t - at)]
          })
        }

        // A server that has worked for a while: its memory is what it needs, not what it has not yet given back.
        await push(pushes)
        const before = await push(pushes)
        const memory = server.residentMb
        const port = Number(new URL(origin).port)
        for (let number = 0; number < slowSockets; number++) {
          const raw = await RawWebSocket.open(port)
          raw.text(`40${JSON.stringify({ token: bob.token })}`)
          await raw.hears(/^42\["session\.ready"/)
          raw.pause()
          slow.push(raw)
        }
        const stateOfBob = async () =>
          (await ask(origin, `/presence?user_ids=${bob.id}`, { token: ann.token })).json.data[0]?.state
        await until(
          async () => (await stateOfBob()) === 'online',
          10_000,
          () => 'bob is not shown as present',
          100,
        )
        let most = 0
        let isOver = false
        const watching = (async () => {
          while (!isOver) {
            most = Math.max(most, server.residentMb)
            await pause(50)
          }
        })()
        const during = await push(pushes)
        isOver = true
        await watching

        const letGoMs = await until(
          async () => (await stateOfBob()) === 'offline',
          20_000,
          () => 'one that does not read is still there',
          100,
        )
        tell({
          pushes,
          slow: slowSockets,
          all_let_go_ms: letGoMs,
          resident_mb: memory,
          grown_mb: most - memory,
          push_p99_before_ms: percentile(before, 0.99),
          push_p99_ms: percentile(during, 0.99),
        })

        const seqs: number[] = []
        for (let more = true; more; ) {
          const body = { streams: { [`conversation:${room}`]: seqs.at(-1) ?? 0 }, only: true, limit: 500 }
          const { json } = await ask(origin, '/sync', { token: bob.token, body })
          seqs.push(...json.events.map((event: { seq: number }) => event.seq))
          more = json.more
        }
        assertFound(seqs, sent)
        expect(most - memory).toBeLessThan(50)
        expect(percentile(during, 0.99)).toBeLessThan(percentile(before, 0.99) * 2 + 50)
        expect(installation.surprises).toEqual([])
      } finally {
        for (const raw of slow) raw.destroy()
        reader?.close()
        await installation.drop()
      }
    },
    { skipped: !isFull },
  )
})
