import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { a, added, b, event, events, start } from '../../test/scripted-engine.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const settle = () => vi.advanceTimersByTimeAsync(0)
const gapTime = () => vi.advanceTimersByTimeAsync(200)

describe('one stream', () => {
  it('applies what is next and drops what is known', async () => {
    const { engine, told, asked } = start(added({ [a]: 3 }))
    await engine.connected()
    for (const seq of [2, 3, 4, 4, 5]) engine.receive(event(a, seq))
    await settle()
    expect(told).toEqual(['added a@3', 'a4', 'a5'])
    expect(engine.positions).toEqual({ [a]: 5 })
    await gapTime()
    expect(asked).toEqual([{ streams: {}, limit: 500 }])
  })

  it('moves the position for what it may not see, without telling the app', async () => {
    const { engine, told } = start(added({ [a]: 0 }))
    await engine.connected()
    engine.receive(event(a, 1, 'skipped'))
    engine.receive(event(a, 2))
    await settle()
    expect(told).toEqual(['added a@0', 'a2'])
    expect(engine.positions).toEqual({ [a]: 2 })
  })

  it('puts in order what overtook its predecessor, without asking', async () => {
    const { engine, told, asked } = start(added({ [a]: 0 }))
    await engine.connected()
    for (const seq of [3, 2, 1]) engine.receive(event(a, seq))
    await gapTime()
    expect(told).toEqual(['added a@0', 'a1', 'a2', 'a3'])
    expect(asked).toHaveLength(1)
  })

  it('waits 200 ms for what is missing, then asks for all such streams alone', async () => {
    const answer = () => ({ events: [...events(a, 1, 3), ...events(b, 6, 7)] })
    const { engine, told, asked } = start(added({ [a]: 0, [b]: 5 }), answer)
    await engine.connected()
    engine.receive(event(a, 3))
    engine.receive(event(b, 7))
    await vi.advanceTimersByTimeAsync(199)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked[1]).toEqual({ epoch: 'e1', streams: { [a]: 0, [b]: 5 }, only: true, limit: 500 })
    expect(told.slice(2).sort()).toEqual(['a1', 'a2', 'a3', 'b6', 'b7'])
  })

  it('asks for everything when a gap stays open', async () => {
    const { engine, told, asked } = start(
      added({ [a]: 0 }),
      () => ({}),
      () => ({ removed: [a] }),
    )
    await engine.connected()
    engine.receive(event(a, 2))
    await gapTime()
    expect(asked.map(({ only }) => only)).toEqual([undefined, true, undefined])
    expect(told).toEqual(['added a@0', 'removed a'])
    expect(engine.positions).toEqual({})
  })

  it('does not go on asking for what nobody has', async () => {
    const { engine, asked } = start(
      added({ [a]: 0 }),
      () => ({}),
      () => ({}),
    )
    await engine.connected()
    engine.receive(event(a, 2))
    await gapTime()
    await gapTime()
    expect(asked).toHaveLength(3)
  })

  it('goes on after a reset with what came early', async () => {
    const { engine, told } = start(added({ [a]: 0 }), () => ({ reset: [a], heads: { [a]: 8 } }))
    await engine.connected()
    for (const seq of [5, 9]) engine.receive(event(a, seq))
    await gapTime()
    expect(told).toEqual(['added a@0', 'reset a@8', 'a9'])
  })

  it('starts over with all streams when the answer about one comes from another epoch', async () => {
    const restored = { epoch: 'e2', reset: [a, b], heads: { [a]: 1, [b]: 1 } }
    const { engine, told, asked } = start(
      added({ [a]: 0, [b]: 5 }),
      () => ({ epoch: 'e2' }),
      () => restored,
    )
    await engine.connected()
    engine.receive(event(a, 2))
    await gapTime()
    expect(asked.map(({ epoch, only }) => [epoch, only])).toEqual([
      [undefined, undefined],
      ['e1', true],
      ['e1', undefined],
    ])
    expect(told.slice(2)).toEqual(['reset a@1', 'reset b@1'])
  })

  it('moves the position only after the app has the event, and tells one after the other', async () => {
    const { engine, told, work } = start(added({ [a]: 0 }))
    await engine.connected()
    const app = Promise.withResolvers<void>()
    work.now = () => app.promise
    engine.receive(event(a, 1))
    engine.receive(event(a, 2))
    await settle()
    expect(engine.positions).toEqual({ [a]: 0 })
    app.resolve()
    await settle()
    expect(told.slice(1)).toEqual(['a1', 'a2'])
    expect(engine.positions).toEqual({ [a]: 2 })
  })
})

describe('failures', () => {
  it('rejects when the sync at connect fails, and reports one that fails later', async () => {
    const broken = () => Promise.reject(new Error('broken'))
    const { engine, failed } = start(broken, added({ [a]: 0 }), broken)
    await expect(engine.connected()).rejects.toThrow('broken')
    engine.disconnected()
    await engine.connected()
    engine.receive(event(a, 2))
    await gapTime()
    expect(failed).toEqual([new Error('broken')])
  })

  it('does not ask for ever when a server says there is more and sends nothing', async () => {
    const { engine } = start(() => ({ more: true }))
    await expect(engine.connected()).rejects.toThrow('sends nothing')
  })
})
