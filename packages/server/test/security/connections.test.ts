import { afterEach, describe, expect, it } from 'vitest'
import { ephemeral } from '../../src/platform/realtime/ephemeral.ts'
import { collectLog } from '../collected-log.ts'
import { until } from '../faults/harness/waiting.ts'
import { connect, type LiveClient } from '../live-client.ts'
import { exchange, request } from '../raw-http.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { createTestApp, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
let port: number
let clients: LiveClient[] = []
afterEach(async () => {
  for (const client of clients) client.close()
  clients = []
  await app.drop()
  expect(log.leaks()).toEqual([])
  expect(log.find('"level":"error"')).toEqual([])
})

async function start(variables: Record<string, string> = {}): Promise<void> {
  app = await createTestApp({ PORT: '0', ...variables }, { log: log.logger })
  port = await app.listen()
}

const enter = async (visitor: Visitor, handshake: Parameters<typeof connect>[2] = {}): Promise<LiveClient> => {
  const client = await connect(app, visitor, handshake)
  clients.push(client)
  return client
}
/** The code somebody is turned away with, or `in`. */
const tried = (visitor: Visitor, handshake: Parameters<typeof connect>[2] = {}): Promise<string> =>
  enter(visitor, handshake).then(
    () => 'in',
    (error: { problem?: { code: string } }) => error.problem?.code ?? 'refused',
  )
const headersOf = (visitor: Visitor) => [`Origin: http://127.0.0.1:${port}`, `Cookie: ${visitor.cookieHeader}`]
const polling = '/socket.io/?EIO=4&transport=polling'
const times = <T>(count: number, work: () => Promise<T>) => Promise.all(Array.from({ length: count }, work))

describe('M56 WS3', { timeout: 60_000 }, () => {
  it.each(['websocket', 'polling'])(
    'M56 WS3: one person has ten connections by %s, however many come at once',
    async (transport) => {
      await start()
      const [ann, bob] = [await app.person(), await app.person()]
      const answers = await times(50, () => tried(ann, { transports: [transport] }))
      expect(answers.filter((answer) => answer === 'in')).toHaveLength(10)
      expect(new Set(answers)).toEqual(new Set(['in', 'rate_limited']))
      expect(await tried(bob)).toBe('in')
      clients[0]?.close()
      await until(
        async () => (await tried(ann)) === 'in',
        10_000,
        () => 'a place that was left is not given again',
      )
    },
  )

  it('M56: one connection is one socket, however often it asks to come in', async () => {
    await start()
    const ann = await app.person()
    const raw = await RawWebSocket.open(port, headersOf(ann))
    for (let i = 0; i < 100; i++) raw.text('40')
    await Promise.race([raw.hears(/^42\["session\.ready"/), raw.closed])
    expect(app.realtime.connections).toBeLessThanOrEqual(1)
    raw.destroy()
  })

  it('M56: a storm is let in bit by bit, and who is sent away is told when to come back', async () => {
    await start()
    const people = await times(30, () => app.person())
    const answers = await Promise.all(
      people.flatMap((visitor) =>
        Array.from({ length: 10 }, () =>
          enter(visitor).then(
            () => 'in',
            ({ problem }) => problem,
          ),
        ),
      ),
    )
    const away = answers.filter((answer) => answer !== 'in')
    expect(answers.length - away.length).toBeGreaterThan(100)
    for (const problem of away) {
      expect(problem).toMatchObject({ code: 'busy', status: 503, retry_after: expect.any(Number) })
    }
    // Whoever signs in meanwhile, and whoever comes afterwards, is served.
    expect(await tried(await app.person())).toBe('in')
  })

  it('WS3: connections of one address are counted, whoever they are, and those of another are not', async () => {
    await start({ SOCKETS_PER_ADDRESS: '3', TRUSTED_PROXIES: '127.0.0.1' })
    const ann = await app.person()
    const open = (address: string) => RawWebSocket.open(port, [`X-Forwarded-For: ${address}`])
    const first = await times(3, () => open('203.0.113.5'))
    expect(first.map(({ status }) => status)).toEqual([101, 101, 101])
    expect((await open('203.0.113.5')).status).toBe(429)
    const poll = ['X-Forwarded-For: 203.0.113.5', ...headersOf(ann)]
    expect((await exchange(port, request(`GET ${polling}`, poll))).text).not.toContain('sid')
    expect((await open('203.0.113.6')).status).toBe(101)
    first[0]?.destroy()
    await until(
      async () => (await open('203.0.113.5')).status === 101,
      10_000,
      () => 'a place that was left is not given again',
    )
    const network = await times(4, () => open('2001:db8::1'))
    expect(network.filter(({ status }) => status === 101)).toHaveLength(3)
    expect((await open('2001:db8::2')).status).toBe(429)
  })

  it('WS3: who does not say who they are is sent away, by either transport', async () => {
    await start()
    const ann = await app.person()
    const raw = await RawWebSocket.open(port, headersOf(ann))
    const opened = await exchange(port, request(`GET ${polling}`, headersOf(ann)))
    const { sid } = JSON.parse(/\{.*\}/.exec(opened.body)?.[0] ?? '{}') as { sid: string }
    // The helper gives up after 15 s; the heartbeat alone would keep them for longer.
    await raw.closed
    await until(
      async () => {
        const { body } = await exchange(port, request(`GET ${polling}&sid=${sid}`, headersOf(ann)))
        return body.includes('Session ID unknown')
      },
      10_000,
      () => 'the poller is still there',
    )
  })
})

describe('10: polling', () => {
  it('is refused where requests of one client may reach different processes, and says so', async () => {
    await start({ STICKY_SESSIONS: 'false' })
    const ann = await app.person()
    const answer = await exchange(port, request(`GET ${polling}`, headersOf(ann)))
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      426,
      expect.objectContaining({ code: 'websocket_required', type: '/problems/websocket_required' }),
    ])
    expect(answer.headers).toMatchObject({ upgrade: 'websocket', 'x-content-type-options': 'nosniff' })
    const posted = await exchange(
      port,
      request(`POST ${polling}&sid=x`, [...headersOf(ann), 'Content-Length: 2'], '40'),
    )
    expect(posted.status).toBe(426)
    expect(await tried(ann, { transports: ['polling'] })).toBe('refused')
    expect(await tried(ann, { transports: ['polling', 'websocket'], tryAllTransports: true })).toBe('in')
    expect(await tried(ann)).toBe('in')
  })

  it('is allowed where the operator vouches for sticky sessions', async () => {
    await start({ STICKY_SESSIONS: 'true' })
    expect(await tried(await app.person(), { transports: ['polling'] })).toBe('in')
  })
})

describe('F19', { timeout: 60_000 }, () => {
  it('F19: who does not read is let go, the others hear everything, and nothing is lost', async () => {
    await start()
    const [ann, bob] = [await app.person(), await app.person()]
    const room = await app.conversation(ann, bob)
    const reader = await enter(ann)
    const heard: number[] = []
    reader.socket.on('noise', ({ n }) => heard.push(n))
    const slow = await RawWebSocket.enter(port, bob)
    slow.pause()
    const filler = 'x'.repeat(32 * 1024)
    const rounds = 400
    for (let n = 0; n < rounds; n++) {
      app.bus.publish(ephemeral, { room: `conversation_${room}`, event: 'noise', data: { n, filler } })
      await new Promise(setImmediate)
    }
    await until(
      async () => app.realtime.connections === 1,
      20_000,
      () => 'the one that does not read is still there',
    )
    await reader.hears('noise', ({ n }) => n === rounds - 1)
    expect(heard).toEqual(Array.from({ length: rounds }, (_, n) => n))
    expect(log.find('does not read')).toHaveLength(1)

    await ann.post(`/conversations/${room}/messages`, { client_id: 'later', text: 'for whoever comes back' })
    const back = await enter(bob)
    const { data } = await back.ask('sync', { streams: { [`conversation:${room}`]: 0 } })
    expect(data.events.map(({ type }: { type: string }) => type)).toEqual(['message.created'])
    slow.destroy()
  })

  it('F19: who is only slow reads why', async () => {
    await start()
    const bob = await app.person()
    const slow = await RawWebSocket.enter(port, bob)
    slow.pause()
    const filler = 'x'.repeat(32 * 1024)
    for (let n = 0; n < 400; n++) {
      app.bus.publish(ephemeral, { room: `user_${bob.userId}`, event: 'noise', data: { filler } })
    }
    await until(
      async () => log.find('does not read').length === 2,
      10_000,
      () => 'it was not noticed',
    )
    slow.resume()
    expect(await slow.hears(/^42\["session\.ended"/)).toContain('slow_consumer')
    await slow.closed
  })
})
