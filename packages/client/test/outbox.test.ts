import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Message, OutboxStorage } from '../src/index.ts'
import { eventually, Jar, password, startServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.01)
  server = await startServer()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server.drop()
})

function storage(): OutboxStorage {
  const items = new Map<string, string>()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

/** Ann at a page with a network that can be cut, in a conversation with Bob. */
async function ann(options: { storage?: OutboxStorage } = {}, jar = new Jar()) {
  const network = { down: false, loseAnswers: false, lost: 0 }
  const fetch = async (request: Request) => {
    if (network.down) throw new TypeError('fetch failed')
    const answer = await jar.fetch(request)
    if (!network.loseAnswers || request.method !== 'POST') return answer
    network.lost += 1
    throw new TypeError('connection reset')
  }
  await server.person('bob')
  const page = server.page({ ...options, fetch }, jar)
  await page.session.register({ username: 'ann', email: 'ann@example.com', password })
  const { id } = await page.conversations.create({ kind: 'direct', username: 'bob' })
  const sent: Message[] = []
  page.outbox.onSent((message) => sent.push(message))
  const texts = async () => (await page.conversations.messages(id, { after: 0 })).data.map(({ text }) => text)
  return { page, id, network, sent, texts, jar }
}

const sendPath = (id: string) => `POST /api/v1/conversations/${id}/messages`

describe('outbox', () => {
  it('sends in order and hands over what the server made of it', async () => {
    const { page, id, sent, texts } = await ann()
    const pending = ['one', 'two', 'three'].map((text) => page.outbox.send(id, text))
    expect(page.outbox.pending(id)).toEqual(pending)
    expect(page.outbox.pending(id)).toBe(page.outbox.pending(id))
    await eventually(() => sent.map(({ client_id }) => client_id)).toEqual(pending.map(({ clientId }) => clientId))
    expect(await texts()).toEqual(['one', 'two', 'three'])
    expect(page.outbox.pending(id)).toEqual([])
  })

  it('waits while the server is away and sends by itself when it is back', async () => {
    const { page, id, texts, jar } = await ann()
    page.live.connect()
    await eventually(() => page.live.state).toBe('live')
    await server.stop()
    for (const text of ['one', 'two']) page.outbox.send(id, text)
    // It tried, was told nothing, and tries again.
    await eventually(() => jar.count(sendPath(id))).toBeGreaterThan(1)
    expect(page.outbox.pending(id)).toMatchObject([{ state: 'sending' }, { state: 'sending' }])
    await server.start()
    await eventually(() => page.outbox.pending(id)).toEqual([])
    expect(await texts()).toEqual(['one', 'two'])
  })

  it('sends a message once whose answer was lost', async () => {
    const { page, id, network, sent, texts } = await ann()
    network.loseAnswers = true
    page.outbox.send(id, 'once')
    await eventually(() => network.lost).toBe(1)
    network.loseAnswers = false
    await eventually(() => sent).toMatchObject([{ text: 'once', deduplicated: true }])
    expect(await texts()).toEqual(['once'])
  })

  it('takes the live event for the answer', async () => {
    const { page, id, network, sent } = await ann()
    page.live.connect()
    await eventually(() => page.live.state).toBe('live')
    network.loseAnswers = true
    page.outbox.send(id, 'seen live')
    await eventually(() => sent).toMatchObject([{ text: 'seen live' }])
    expect(page.outbox.pending(id)).toEqual([])
  })

  it('keeps unsent messages over a reload, per person', async () => {
    const kept = storage()
    const { page, id, network, texts, jar } = await ann({ storage: kept })
    network.down = true
    page.outbox.send(id, 'for later')
    page.close()

    const reloaded = server.page({ storage: kept }, jar)
    expect(reloaded.outbox.pending(id)).toEqual([])
    await reloaded.session.load()
    expect(reloaded.outbox.pending(id)).toMatchObject([{ text: 'for later' }])
    await eventually(() => reloaded.outbox.pending(id)).toEqual([])
    network.down = false
    expect(await texts()).toEqual(['for later'])
  })

  it('is not sent by whoever signs in next', async () => {
    const kept = storage()
    const { page, id, network, texts } = await ann({ storage: kept })
    network.down = true
    page.outbox.send(id, 'from Ann')
    const bob = server.page({ storage: kept })
    await bob.session.login({ identifier: 'bob', password })
    expect(bob.outbox.pending(id)).toEqual([])
    network.down = false
    await page.session.logout()
    expect(page.outbox.pending(id)).toEqual([])
    await page.session.login({ identifier: 'ann', password })
    await eventually(texts).toEqual(['from Ann'])
  })

  it('leaves to its owner what the server will never take', async () => {
    const { page, id, texts } = await ann()
    const bad = page.outbox.send(id, 'x'.repeat(4001))
    page.outbox.send(id, 'fine')
    await expect
      .poll(() => page.outbox.pending(id))
      .toMatchObject([{ clientId: bad.clientId, state: 'failed', error: { code: 'validation_failed', status: 422 } }])
    expect(await texts()).toEqual(['fine'])
    page.outbox.retry(bad.clientId)
    expect(page.outbox.pending(id)[0]).not.toHaveProperty('error')
    await eventually(() => page.outbox.pending(id)[0]?.state).toBe('failed')
    page.outbox.discard(bad.clientId)
    expect(page.outbox.pending(id)).toEqual([])
  })

  it('sends a message once that two tabs hold', async () => {
    const kept = storage()
    const jar = new Jar()
    const { page, id, network, texts } = await ann({ storage: kept }, jar)
    network.down = true
    page.outbox.send(id, 'shared')
    const tabs = [server.page({ storage: kept, tabs: true }, jar), server.page({ storage: kept, tabs: true }, jar)]
    await Promise.all(tabs.map((tab) => tab.session.load()))
    await eventually(() => kept.getItem(`atrium.outbox.${page.session.user?.id}`)).toBeNull()
    expect(jar.count(sendPath(id))).toBe(1)
    network.down = false
    expect(await texts()).toEqual(['shared'])
  })

  it('goes on without a storage that refuses to write', async () => {
    const full = { ...storage(), setItem: () => expect.unreachable('thrown as a full storage would') }
    const { page, id, texts } = await ann({ storage: full })
    page.outbox.send(id, 'kept in memory')
    await eventually(texts).toEqual(['kept in memory'])
    expect(page.outbox.pending(id)).toEqual([])
  })

  it('takes nothing while nobody is signed in', () => {
    expect(() => server.page().outbox.send('anywhere', 'text')).toThrow('Nobody is signed in')
  })
})
