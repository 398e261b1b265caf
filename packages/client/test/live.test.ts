import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AtriumClient, LiveState, Message } from '../src/index.ts'
import { eventually, Jar, password, startServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeEach(async () => {
  // Delays are as short as they may be: their spread is not what is tested here.
  vi.spyOn(Math, 'random').mockReturnValue(0.01)
  server = await startServer()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server.drop()
})

/** Goes live and writes down what the app is told. */
async function follow(client: AtriumClient) {
  const told: string[] = []
  const states: LiveState[] = []
  const ended: string[] = []
  client.live.on('message.created', ({ data }) => void told.push(data.text))
  client.live.on('conversation.created', ({ data }) => void told.push(`with ${data.members_preview[0]?.username}`))
  client.live.onStreams({
    added: (stream, head) => void told.push(`added ${stream.split(':')[0]}@${head}`),
    reset: (stream) => void told.push(`reset ${stream.split(':')[0]}`),
  })
  client.live.subscribe((state) => states.push(state))
  client.live.onEnded((reason) => ended.push(reason))
  client.live.connect()
  await eventually(() => client.live.state).toBe('live')
  return { told, states, ended }
}

const write = (client: AtriumClient, id: string, text: string): Promise<Message> =>
  client.api.POST('/api/v1/conversations/{id}/messages', {
    params: { path: { id } },
    body: { client_id: crypto.randomUUID(), text },
  })

async function twoPeople(options = {}) {
  const [ann, bob] = [await server.person('ann', options), await server.person('bob', options)]
  const { id } = await ann.conversations.create({ kind: 'direct', username: 'bob' })
  return { ann, bob, id }
}

describe.each([
  ['cookie', {}],
  ['bearer token', { tokenDelivery: 'body' as const }],
])('live by %s', (_name, options) => {
  it('tells what happens, in order', async () => {
    const { ann, bob, id } = await twoPeople(options)
    const { told, states } = await follow(bob)
    expect(states).toEqual(['connecting', 'syncing', 'live'])
    expect(told.sort()).toEqual(['added conversation@0', 'added user@1'])
    for (const text of ['one', 'two', 'three']) await write(ann, id, text)
    await eventually(() => told.slice(2)).toEqual(['one', 'two', 'three'])
  })

  it('catches up with what it missed after a restart of the server', async () => {
    const { ann, bob, id } = await twoPeople(options)
    const { told, states, ended } = await follow(bob)
    await write(ann, id, 'before')
    await eventually(() => told).toContain('before')
    await server.stop()
    await eventually(() => ended).toEqual(['shutdown'])
    await server.start()
    await write(ann, id, 'meanwhile')
    await eventually(() => bob.live.state).toBe('live')
    await write(ann, id, 'after')
    await eventually(() => told.slice(2)).toEqual(['before', 'meanwhile', 'after'])
    expect(states).toContain('offline')
  })

  it('renews the session over an expired token and comes back', async () => {
    const { ann, bob, id } = await twoPeople(options)
    const { told } = await follow(bob)
    const started = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => started() + 31 * 60_000)
    bob.live.disconnect()
    bob.live.connect()
    await eventually(() => bob.live.state).toBe('live')
    await write(ann, id, 'still here')
    await eventually(() => told).toContain('still here')
    expect(bob.jar.count('POST /api/v1/auth/refresh')).toBe(1)
  })
})

/** The machine's clock, and so the server's, is moved to so many seconds before the new access tokens end. */
function jumpBeforeExpiry(seconds: number): void {
  const started = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => started() + (30 * 60 - seconds) * 1000)
}

describe('live', () => {
  it('renews before the access ends, without a break', async () => {
    const errors: unknown[] = []
    const bob = await server.person('bob', { tokenDelivery: 'body', onError: (error) => errors.push(error) })
    jumpBeforeExpiry(61)
    const { states } = await follow(bob)
    await eventually(() => bob.jar.count('POST /api/v1/auth/refresh')).toBe(1)
    await bob.account.get()
    expect(states).toEqual(['connecting', 'syncing', 'live'])
    expect(errors).toEqual([])
  })

  it('comes back with new tokens when the access ended', async () => {
    const bob = await server.person('bob')
    // Long enough to go live on a machine that has other things to do.
    jumpBeforeExpiry(6)
    const { states, ended } = await follow(bob)
    await eventually(() => ended).toEqual(['expired'])
    await eventually(() => states.filter((state) => state === 'live')).toHaveLength(2)
    expect(bob.live.state).toBe('live')
    expect(bob.jar.count('POST /api/v1/auth/refresh')).toBe(1)
  })

  it('hears of a conversation that someone else opens, and of its first messages', async () => {
    const [ann, bob] = [await server.person('ann'), await server.person('bob')]
    const { told } = await follow(bob)
    const { id } = await ann.conversations.create({ kind: 'direct', username: 'bob' })
    await write(ann, id, 'hello')
    await eventually(() => told).toContain('with ann')
    // The first message comes as an event, or with what `added` makes the app load.
    await eventually(() => told.includes('hello') || told.includes('added conversation@1')).toBe(true)
    await write(ann, id, 'again')
    await eventually(() => told).toContain('again')
  })

  it('tells the other devices of one person what was read and how the profile changed', async () => {
    const { ann, bob, id } = await twoPeople()
    const { seq } = await write(ann, id, 'read me')
    const phone = server.page()
    await phone.session.login({ identifier: 'bob', password })
    await follow(phone)
    const receipts: unknown[] = []
    phone.live.on('message.receipt', ({ data }) => void receipts.push(data))
    expect(await bob.conversations.markRead(id, seq)).toMatchObject({ last_read_seq: seq, unread_count: 0 })
    const receipt = { conversation_id: id, user_id: bob.session.user?.id, read_seq: seq, delivered_seq: seq }
    await eventually(() => receipts).toEqual([{ ...receipt, at: expect.any(String) }])
    await bob.account.update({ display_name: 'Bob the Second' })
    await eventually(() => phone.session.user?.display_name).toBe('Bob the Second')
  })

  it('goes on when a handler of the app throws', async () => {
    const errors: unknown[] = []
    const { ann, bob, id } = await twoPeople({ onError: (error: unknown) => errors.push(error) })
    bob.live.on('message.created', () => {
      throw new Error('a bug in the app')
    })
    const { told } = await follow(bob)
    await write(ann, id, 'one')
    await write(ann, id, 'two')
    await eventually(() => told.slice(2)).toEqual(['one', 'two'])
    expect(errors).toEqual([new Error('a bug in the app'), new Error('a bug in the app')])
  })

  it('ends with the session, and says why', async () => {
    const bob = await server.person('bob')
    const { ended } = await follow(bob)
    const elsewhere = server.page()
    await elsewhere.session.login({ identifier: 'bob', password })
    await elsewhere.account.changePassword({ current_password: password, new_password: 'a louder harbour at noon' })
    await eventually(() => bob.session.state).toMatchObject({ status: 'signed-out', reason: 'password_changed' })
    expect(ended).toEqual(['password_changed'])
    expect(bob.live.state).toBe('offline')
  })

  it('follows the next person who signs in, with nothing of the one before', async () => {
    const { ann, bob, id } = await twoPeople()
    const { told } = await follow(bob)
    await bob.session.logout()
    expect(bob.session.state.reason).toBe('logged_out')
    expect(bob.live.state).toBe('offline')
    told.length = 0
    await bob.session.register({ username: 'cem', email: 'cem@example.com', password })
    await eventually(() => bob.live.state).toBe('live')
    await write(ann, id, 'not for Cem')
    const { id: withCem } = await ann.conversations.create({ kind: 'direct', username: 'cem' })
    await write(ann, withCem, 'for Cem')
    // As an event, or with what `added` makes the app load.
    await eventually(() => told.includes('for Cem') || told.includes('added conversation@1')).toBe(true)
    expect(told[0]).toBe('added user@0')
    expect(told).not.toContain('not for Cem')
  })

  it('follows another tab that signs in as someone else', async () => {
    await server.person('ann')
    const jar = new Jar()
    const [here, there] = [server.page({ tabs: true }, jar), server.page({ tabs: true }, jar)]
    await here.session.register({ username: 'bob', email: 'bob@example.com', password })
    await eventually(() => there.session.user?.username).toBe('bob')
    const { told } = await follow(there)
    await here.session.login({ identifier: 'ann', password })
    await eventually(() => there.session.user?.username).toBe('ann')
    await eventually(() => there.live.state).toBe('live')
    expect(told).toEqual(['added user@0', 'added user@0'])
    await here.session.logout()
    await eventually(() => there.session.state.reason).toBe('logged_out')
  })
})
