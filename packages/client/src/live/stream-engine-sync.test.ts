import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { a, added, b, event, events, start } from '../../test/scripted-engine.ts'
import type { SyncAnswer } from '../types.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const settle = () => vi.advanceTimersByTimeAsync(0)
const gapTime = () => vi.advanceTimersByTimeAsync(200)

describe('connecting', () => {
  it('sends all positions and goes on while there is more', async () => {
    const { engine, told, asked } = start(
      added({ [a]: 0, [b]: 9 }),
      () => ({ events: events(a, 1, 2), more: true }),
      () => ({ events: events(a, 3, 3) }),
    )
    await engine.connected()
    engine.disconnected()
    await engine.connected()
    expect(asked.slice(1).map(({ epoch, streams }) => [epoch, streams])).toEqual([
      ['e1', { [a]: 0, [b]: 9 }],
      ['e1', { [a]: 2, [b]: 9 }],
    ])
    expect(told.slice(2)).toEqual(['a1', 'a2', 'a3'])
  })

  it('keeps what arrives before and during the sync until it is answered', async () => {
    const { engine, told } = start(added({ [a]: 1 }), () => {
      engine.receive(event(a, 4))
      return { events: events(a, 2, 3) }
    })
    await engine.connected()
    engine.disconnected()
    engine.receive(event(a, 3))
    await engine.connected()
    await settle()
    expect(told).toEqual(['added a@1', 'a2', 'a3', 'a4'])
  })

  it('stores the head of a new stream first: later events wait until the app has loaded it', async () => {
    const { engine, told, work } = start(added({ [a]: 7 }))
    const app = Promise.withResolvers<void>()
    work.now = async (what) => {
      if (what.startsWith('added')) await app.promise
    }
    await engine.connected()
    expect(engine.positions).toEqual({ [a]: 7 })
    engine.receive(event(a, 8))
    await settle()
    expect(told).toEqual([])
    app.resolve()
    await settle()
    expect(told).toEqual(['added a@7', 'a8'])
  })

  it('starts over with a stream that is too far behind', async () => {
    const { engine, told } = start(added({ [a]: 1, [b]: 1 }), () => ({
      heads: { [a]: 90, [b]: 2 },
      reset: [a],
      events: events(b, 2, 2),
    }))
    await engine.connected()
    engine.disconnected()
    await engine.connected()
    engine.receive(event(a, 91))
    await settle()
    expect(told.slice(2).sort()).toEqual(['a91', 'b2', 'reset a@90'])
  })

  it('takes positions of a restored server, even lower ones, and the new epoch', async () => {
    const { engine, told, asked } = start(
      added({ [a]: 50 }),
      () => ({ epoch: 'e2', heads: { [a]: 20 }, reset: [a] }),
      () => ({ epoch: 'e2' }),
    )
    await engine.connected()
    engine.disconnected()
    await engine.connected()
    engine.receive(event(a, 21))
    await settle()
    expect(told.slice(1)).toEqual(['reset a@20', 'a21'])
    engine.disconnected()
    await engine.connected()
    expect(asked.map(({ epoch }) => epoch)).toEqual([undefined, 'e1', 'e2'])
  })

  it('does not let an event that is still being told move a position that was reset meanwhile', async () => {
    const { engine, told, work } = start(added({ [a]: 50 }), () => ({ epoch: 'e2', heads: { [a]: 20 }, reset: [a] }))
    await engine.connected()
    const app = Promise.withResolvers<void>()
    work.now = async (what) => {
      if (what === 'a51') await app.promise
    }
    engine.receive(event(a, 51))
    await settle()
    engine.disconnected()
    await engine.connected()
    app.resolve()
    await settle()
    expect(told.slice(1)).toEqual(['a51', 'reset a@20'])
    expect(engine.positions).toEqual({ [a]: 20 })
  })

  it('ignores the answer to a connection that is gone', async () => {
    const late = Promise.withResolvers<Partial<SyncAnswer>>()
    const { engine, told, failed } = start(() => late.promise, added({ [a]: 5 }))
    const first = engine.connected()
    engine.disconnected()
    await engine.connected()
    late.resolve({ added: [a], heads: { [a]: 1 } })
    await first
    expect(told).toEqual(['added a@5'])
    expect(failed).toEqual([])
  })

  it('begins with nothing for another person', async () => {
    const { engine, asked } = start(added({ [a]: 5 }), added({ [b]: 2 }))
    await engine.connected()
    engine.clear()
    await engine.connected()
    expect(asked[1]).toEqual({ streams: {}, limit: 500 })
    expect(engine.positions).toEqual({ [b]: 2 })
  })
})

describe('a stream nobody told of', () => {
  it('is asked for, and what came before it was known is not lost', async () => {
    const { engine, told, asked } = start(added({ [a]: 0 }), added({ [b]: 1 }))
    await engine.connected()
    engine.receive(event(b, 1))
    engine.receive(event(b, 2))
    await settle()
    expect(asked).toHaveLength(2)
    expect(told).toEqual(['added a@0', 'added b@1', 'b2'])
  })

  it('is asked for again when it came up while the server was answering', async () => {
    const { engine, told } = start(
      () => {
        engine.receive(event(b, 1))
        return { added: [a], heads: { [a]: 0 } }
      },
      added({ [b]: 1 }),
    )
    await engine.connected()
    expect(told).toEqual(['added a@0', 'added b@1'])
  })

  it('is let go of when the server says nothing about it', async () => {
    const { engine, told, asked } = start(added({ [a]: 0 }), () => ({}))
    await engine.connected()
    engine.receive(event(b, 1))
    await gapTime()
    expect(asked).toHaveLength(2)
    expect(told).toEqual(['added a@0'])
  })
})
