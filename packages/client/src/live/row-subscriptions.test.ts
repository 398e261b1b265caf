import { expect, it, vi } from 'vitest'
import type { Live } from '../contract.ts'
import { ApiError } from '../errors.ts'
import { RowSubscriptions } from './row-subscriptions.ts'

const refusal = (code: string, status: number, more = {}) =>
  new ApiError({ type: '', title: code, status, detail: '', instance: '', code, request_id: '', ...more })

const change = (subscription_id: string, key: string) => ({
  ...{ subscription_id, table: 'boats', action: 'insert', key, record: {}, changed: [], cursor: key },
})

/** A connection that says what a test tells it to. */
function scripted() {
  const listeners = new Map<string, (data: unknown) => void>()
  const asked: { command: string; input: object; answer: (value: unknown) => void; refuse: (error: Error) => void }[] =
    []
  const live = {
    state: 'live',
    subscribe: (listener: (state: unknown) => void) => {
      listeners.set('state', listener)
      return () => {}
    },
    onEphemeral: (name: string, listener: (data: unknown) => void) => {
      listeners.set(name, listener)
      return () => {}
    },
    send: (command: string, input: object) =>
      new Promise((answer, refuse) => {
        asked.push({ command, input, answer, refuse })
      }),
  }
  const reports: unknown[] = []
  const subscriptions = new RowSubscriptions({
    live: live as unknown as Live,
    report: (error) => reports.push(error),
  })
  const go = (state: string) => {
    live.state = state
    listeners.get('state')?.(state)
  }
  const tell = (name: string, data: unknown) => listeners.get(name)?.(data)
  return { subscriptions, asked, reports, go, tell }
}

const follow = (subscriptions: RowSubscriptions) => {
  const told: string[] = []
  const stop = subscriptions.subscribe(
    { table: 'boats' },
    {
      load: () => void told.push('load'),
      insert: (_, { path }) => void told.push(path),
      ended: (reason) => void told.push(`ended ${reason}`),
    },
  )
  return { told, stop }
}

it('hands on what came before the answer that names the subscription', async () => {
  const { subscriptions, asked, tell } = scripted()
  const [one, two] = [follow(subscriptions), follow(subscriptions)]
  asked[0]?.answer({ subscription_id: 'a', cursor: '0', reset: false })
  tell('data.changed', change('b', '1'))
  tell('data.changed', change('a', '1'))
  tell('data.changed', change('a', '2'))
  await vi.waitFor(() => expect(one.told).toEqual(['load', '1', '2']))
  asked[1]?.answer({ subscription_id: 'b', cursor: '0', reset: false })
  await vi.waitFor(() => expect(two.told).toEqual(['load', '1']))
})

it('waits as long as the server asks, and tries again; refusals that will not change end it', async () => {
  vi.useFakeTimers()
  const { subscriptions, asked } = scripted()
  const { told } = follow(subscriptions)
  asked[0]?.refuse(refusal('rate_limited', 429, { retry_after: 7 }))
  await vi.advanceTimersByTimeAsync(6_999)
  expect(asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(3_000)
  asked[1]?.refuse(new Error('operation has timed out'))
  await vi.advanceTimersByTimeAsync(2_000)
  asked[2]?.refuse(refusal('not_found', 404))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(3)
  expect(told).toEqual(['ended not_found'])
  vi.useRealTimers()
})

it('asks once on each connection, and takes nothing of one that has ended', async () => {
  const { subscriptions, asked, go, tell } = scripted()
  const { told } = follow(subscriptions)
  go('offline')
  go('live')
  asked[0]?.answer({ subscription_id: 'old', cursor: 'old', reset: false })
  asked[1]?.answer({ subscription_id: 'a', cursor: '0', reset: false })
  await vi.waitFor(() => expect(told).toEqual(['load']))
  tell('data.changed', change('old', '8'))
  tell('data.changed', change('a', '9'))
  await vi.waitFor(() => expect(told).toEqual(['load', '9']))
  go('offline')
  go('live')
  expect(asked.map(({ input }) => 'cursor' in input && input.cursor)).toEqual([false, false, '9'])
})

it('tells the server of its end, also where it was asked for only just now', async () => {
  const { subscriptions, asked } = scripted()
  const [one, two] = [follow(subscriptions), follow(subscriptions)]
  asked[0]?.answer({ subscription_id: 'a', cursor: '0', reset: false })
  await vi.waitFor(() => expect(one.told).toEqual(['load']))
  one.stop()
  two.stop()
  asked[1]?.answer({ subscription_id: 'b', cursor: '0', reset: false })
  await vi.waitFor(() => expect(asked).toHaveLength(4))
  expect(asked.slice(2).map(({ command, input }) => ({ command, input }))).toEqual([
    { command: 'data.unsubscribe', input: { subscription_id: 'a' } },
    { command: 'data.unsubscribe', input: { subscription_id: 'b' } },
  ])
  expect(two.told).toEqual([])
})
