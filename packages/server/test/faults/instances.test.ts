import { io, type Socket } from 'socket.io-client'
import { afterEach, expect, it } from 'vitest'
import { isRedisMissing, type RedisProcess, startRedis } from '../redis-process.ts'
import { report } from './harness/evidence.ts'
import { type Engine, Installation, isFull, shared, suiteOn } from './harness/installation.ts'
import { ask, converse, type Person, register } from './harness/person.ts'
import { until } from './harness/waiting.ts'

let installation: Installation | undefined
let redis: RedisProcess | undefined
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await installation?.drop()
  await redis?.drop()
  installation = undefined
  redis = undefined
})

interface Begun {
  a: string
  b: string
  redis: RedisProcess
  installation: Installation
}

async function begin(engine: Engine, variables: Record<string, string> = {}, isFronted = false): Promise<Begun> {
  const nodes = variables.WORKERS === undefined ? 2 : 1
  redis = await startRedis()
  const all = { REDIS_URL: redis.url, ...variables }
  installation = await Installation.start(engine, { nodes, isFronted, variables: all })
  const [a, b = a] = installation.nodes.map(({ origin }) => origin) as [string, string?]
  return { a, b, redis, installation }
}

/** A connection that keeps what it heard. */
async function enter(origin: string, { token }: Person) {
  const socket = io(origin, { transports: ['websocket'], auth: { token }, reconnection: false, forceNew: true })
  sockets.push(socket)
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
  const heard: { name: string; payload: any }[] = []
  socket.onAny((name: string, payload: unknown) => heard.push({ name, payload }))
  socket.on('disconnect', () => heard.push({ name: 'disconnect', payload: {} }))
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
  const hears = async (name: string, test: (payload: any) => boolean = () => true, limitMs = 20_000) =>
    until(
      () => heard.some((event) => event.name === name && test(event.payload)),
      limitMs,
      () => `${name} was not heard; heard ${heard.map((event) => event.name).join(', ')}`,
    )
  await hears('session.ready')
  return { socket, heard, hears }
}

const isIn = async (origin: string, { token }: Person) => (await ask(origin, '/users/me', { token })).status === 200

/** One more session of the same person. */
async function signInAgain(origin: string, person: Person): Promise<Person> {
  const body = { identifier: person.name, password: 'a quiet harbour at dawn', token_delivery: 'body' }
  const { json } = await ask(origin, '/auth/login', { body })
  return { ...person, token: json.access_token }
}

/** Ends all other sessions of a person at one node; how long the other node went on, over REST and to a socket. */
async function revoke(a: string, b: string, person: Person) {
  const other = await signInAgain(a, person)
  expect(await isIn(b, other)).toBe(true)
  const live = await enter(b, other)
  const bystander = await enter(b, person)
  const { status } = await ask(a, '/auth/logout-everywhere', { token: person.token, body: { keep_current: true } })
  expect(status).toBe(200)
  const [restMs, socketMs] = await Promise.all([
    until(
      async () => !(await isIn(b, other)),
      20_000,
      () => 'the ended session is still let in',
    ),
    live.hears('session.ended', ({ reason }) => reason === 'revoked'),
  ])
  await live.hears('disconnect')
  expect(await isIn(b, person)).toBe(true)
  expect(bystander.heard.map(({ name }) => name)).not.toContain('disconnect')
  bystander.socket.close()
  return { restMs, socketMs }
}

suiteOn(isRedisMissing ? [] : shared)('two instances on %s', (engine) => {
  it('F5 F26 C01: what happens at one counts at the other, with Redis and without', async () => {
    const { a, b, redis, installation } = await begin(engine)
    const [ann, bob] = [await register(a, 'ann'), await register(b, 'bob')]
    const room = await converse(a, ann, bob)
    const live = await enter(b, bob)
    const say = async (text: string) => {
      const body = { client_id: text.replaceAll(' ', '-'), text }
      expect((await ask(a, `/conversations/${room}/messages`, { token: ann.token, body })).status).toBe(201)
      return live.hears('message.created', ({ data }) => data.text === text)
    }
    await say('warm up')
    const withRedis = { ...(await revoke(a, b, ann)), messageMs: await say('with Redis') }

    await redis.kill()
    const without = { ...(await revoke(a, b, ann)), messageMs: await say('without Redis') }

    await redis.start()
    await say('Redis is back, empty')
    const again = await signInAgain(a, ann)
    expect(await isIn(b, again)).toBe(true)
    report(`F5 ${engine}, with Redis`, withRedis)
    report(`F5 ${engine}, without`, without)
    // The promises of reliability 2.5 and 2.9.
    expect(Math.max(withRedis.restMs, withRedis.socketMs)).toBeLessThan(1_000)
    expect(Math.max(without.restMs, without.socketMs, without.messageMs)).toBeLessThan(5_500)
    expect(installation.surprises).toEqual([])
  })

  it.skipIf(!isFull && engine !== shared[0])(
    'C01: behind nginx, typing, presence and limits cross instances',
    async () => {
      const limits = { RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '10000', ACCOUNT_LOCKOUT_THRESHOLD: '50' }
      const { installation } = await begin(engine, limits, true)
      const { origin } = installation
      const [ann, bob] = [await register(origin, 'ann'), await register(origin, 'bob')]
      const room = await converse(origin, ann, bob)
      // nginx gives each instance its turn.
      const bobs = [
        await enter(origin, bob),
        await enter(origin, bob),
        await enter(origin, bob),
        await enter(origin, bob),
      ]
      for (const { socket } of bobs) await socket.emitWithAck('presence.subscribe', { user_ids: [ann.id] })
      const annLive = await enter(origin, ann)
      const annToo = await enter(origin, ann)
      for (const { hears } of bobs) await hears('presence.changed', ({ state }) => state === 'online')
      for (const { socket } of [annLive, annToo]) {
        for (const { heard } of bobs) heard.splice(0)
        for (const [command, on] of [
          ['typing.start', true],
          ['typing.stop', false],
        ] as const) {
          expect(await socket.emitWithAck(command, { conversation_id: room })).toMatchObject({ ok: true })
          for (const { hears } of bobs) await hears('typing', (said) => said.user_id === ann.id && said.on === on)
        }
      }
      for (const { socket } of [annLive, annToo]) socket.close()
      for (const { hears } of bobs) await hears('presence.changed', ({ state }) => state === 'offline')

      const guess = async () => {
        const body = { identifier: 'nobody', password: 'a wrong guess' }
        return (await ask(origin, '/auth/login', { body })).status
      }
      const statuses: number[] = []
      for (let time = 0; time < 8; time++) statuses.push(await guess())
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
      expect(installation.surprises).toEqual([])
    },
  )

  it.skipIf(!isFull)('F2: who was connected to an instance that was killed is gone within 45 s', async () => {
    const { a, b, installation } = await begin(engine)
    const [ann, bob] = [await register(a, 'ann'), await register(b, 'bob')]
    const viewer = await enter(a, ann)
    await viewer.socket.emitWithAck('presence.subscribe', { user_ids: [bob.id] })
    await enter(b, bob)
    await viewer.hears('presence.changed', ({ state }) => state === 'online')
    await installation.nodes[1]?.kill()
    const goneMs = await viewer.hears('presence.changed', ({ state }) => state === 'offline', 60_000)
    report(`F2 presence ${engine}`, { goneMs })
    expect(goneMs).toBeLessThan(45_000)
  })

  it('C01: workers of one machine share a port, are replaced when they die, and stop together', async () => {
    const { a, installation } = await begin(engine, { WORKERS: '2' })
    const server = installation.nodes[0]
    // They started one after the other, so each has an age of its own; it is told in whole seconds.
    const bothServe = () => {
      const began = { earliest: Number.NEGATIVE_INFINITY, latest: Number.POSITIVE_INFINITY }
      return until(
        async () => {
          const asked = performance.now() / 1000
          const answer = await fetch(`${a}/health`, { headers: { connection: 'close' } })
          const { uptime } = (await answer.json()) as { uptime: number }
          began.earliest = Math.max(began.earliest, asked - uptime - 0.5)
          began.latest = Math.min(began.latest, performance.now() / 1000 - uptime + 0.5)
          // No single one can have begun then.
          return began.earliest > began.latest
        },
        60_000,
        () => 'there are not two workers',
      )
    }
    await bothServe()
    const [ann, bob] = [await register(a, 'ann'), await register(a, 'bob')]
    const room = await converse(a, ann, bob)
    // By turns each worker takes a connection.
    const listeners = [await enter(a, bob), await enter(a, bob), await enter(a, bob)]
    const say = async (text: string) => {
      const body = { client_id: text.replaceAll(' ', '-'), text }
      expect((await ask(a, `/conversations/${room}/messages`, { token: ann.token, body })).status).toBe(201)
    }
    await say('one')
    for (const { hears } of listeners) await hears('message.created', ({ data }) => data.text === 'one')

    const [killed] = server?.children() ?? []
    process.kill(killed as number, 'SIGKILL')
    await until(
      () => listeners.some(({ socket }) => !socket.connected),
      10_000,
      () => 'nobody lost their connection',
    )
    await until(
      () => server?.children().length === 2 && !server.children().includes(killed as number),
      30_000,
      () => 'the dead worker was not replaced',
    )
    await bothServe()
    await say('two')
    for (const { socket, hears } of listeners) {
      if (socket.connected) await hears('message.created', ({ data }) => data.text === 'two')
    }
    expect(listeners.some(({ socket }) => socket.connected)).toBe(true)
    expect(await server?.stop()).toMatchObject({ code: 0 })
  })
})
