import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, expect, it, vi } from 'vitest'
import { BodyMemory } from './body-memory.ts'
import { acceptJsonOnly } from './json-body.ts'

const large = JSON.stringify({ text: 'a'.repeat(100_000) })

let app: FastifyInstance
afterEach(async () => {
  vi.useRealTimers()
  await app.close()
})

/** Room for `count` of them. Answers who is in their handler, and lets them out. */
function serverFor(count: number) {
  app = Fastify()
  acceptJsonOnly(app, new BodyMemory(app, large.length * count * 48))
  const inside = new Map<string, (answer: object) => void>()
  const order: string[] = []
  app.post<{ Params: { who: string } }>('/say/:who', ({ params: { who } }) => {
    order.push(who)
    return new Promise((leave) => inside.set(who, leave))
  })
  const say = (who: string, payload = large) =>
    app.inject({ method: 'POST', url: `/say/${who}`, payload, headers: { 'content-type': 'application/json' } })
  const leave = (who: string) => inside.get(who)?.({})
  const are = (...who: string[]) => expect.poll(() => order).toEqual(who)
  return { say, leave, are }
}

it('opens large bodies as far as there is room, the others in their turn', async () => {
  const { say, leave, are } = serverFor(2)
  const all = ['ann', 'ben', 'cleo', 'dan'].map((who) => say(who))
  const small = say('eve', '{}')
  await are('ann', 'ben', 'eve')
  leave('eve')
  expect((await small).statusCode).toBe(200)
  leave('ben')
  await are('ann', 'ben', 'eve', 'cleo')
  leave('ann')
  await are('ann', 'ben', 'eve', 'cleo', 'dan')
  leave('cleo')
  leave('dan')
  expect((await Promise.all(all)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
})

it('turns away who would wait behind too many', async () => {
  const { say, leave, are } = serverFor(1)
  const first = ['ann', 'ben', 'cleo', 'dan', 'eve'].map((who) => say(who))
  await are('ann')
  expect((await say('too-many')).statusCode).toBe(503)
  for (const [index, who] of ['ann', 'ben', 'cleo', 'dan', 'eve'].entries()) {
    await are(...['ann', 'ben', 'cleo', 'dan', 'eve'].slice(0, index + 1))
    leave(who)
  }
  expect((await Promise.all(first)).every(({ statusCode: status }) => status === 200)).toBe(true)
})

it('turns away who has waited too long, and goes on with those behind', async () => {
  const { say, leave, are } = serverFor(1)
  const first = say('ann')
  await are('ann')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const waiting = say('ben')
  while (vi.getTimerCount() === 0) await new Promise((turn) => setImmediate(turn))
  vi.advanceTimersByTime(5_000)
  vi.useRealTimers()
  expect((await waiting).statusCode).toBe(503)
  const last = say('cleo')
  leave('ann')
  await are('ann', 'cleo')
  leave('cleo')
  expect((await Promise.all([first, last])).map(({ statusCode }) => statusCode)).toEqual([200, 200])
})

it('keeps no room for a client that goes away before its answer', async () => {
  const { say, leave, are } = serverFor(1)
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => sockets.add(socket))
  const client = connect(Number(port), '127.0.0.1').on('error', () => {})
  const head = [
    'POST /say/ann HTTP/1.1',
    'host: x',
    'content-type: application/json',
    `content-length: ${large.length}`,
  ]
  client.write(`${head.join('\r\n')}\r\n\r\n${large}`)
  await are('ann')
  const gone = once(sockets.values().next().value as Socket, 'close')
  client.destroy()
  await gone
  const last = say('ben')
  leave('ann')
  await are('ann', 'ben')
  leave('ben')
  expect((await last).statusCode).toBe(200)
})

it('gives the room back where a body cannot be read, and takes one that is larger than all of it', async () => {
  const { say, leave, are } = serverFor(0.5)
  expect((await say('nobody', `${large}}`)).statusCode).toBeGreaterThanOrEqual(400)
  const alone = say('ann')
  await are('ann')
  leave('ann')
  expect((await alone).statusCode).toBe(200)
})

it('does not let a request within another wait for that one', async () => {
  const { say, leave, are } = serverFor(1)
  app.decorateRequest('isInside', false)
  app.addHook('onRequest', async (request) => {
    request.isInside = request.url === '/say/inside'
  })
  app.post('/around', async () => {
    const inner = say('inside')
    await are('inside')
    leave('inside')
    return { status: (await inner).statusCode }
  })
  const headers = { 'content-type': 'application/json' }
  const answer = await app.inject({ method: 'POST', url: '/around', payload: large, headers })
  expect(answer.json()).toEqual({ status: 200 })
})
