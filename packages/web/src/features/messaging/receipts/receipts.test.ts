import type { MemberReceipt } from '@atrium/client'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, describe, expect, it, vi } from 'vitest'

// The client of the page needs a page, and is not asked here.
vi.mock('../../../app/client.ts', () => ({ client: {} }))

const { receiptsQuery } = await import('../queries.ts')
const { reachedOf, reachOf, takeReceipt } = await import('./receipts.ts')

const at = '2026-01-01T00:00:00.000Z'
const reached = (delivered_seq: number, read_seq: number) => ({ user_id: 'ben', delivered_seq, read_seq })
const { queryKey } = receiptsQuery('c1')
const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
afterEach(() => cache.clear())

it.each([
  ['for the first time', undefined],
  ['again', [{ ...reached(4, 3), read_at: null }]],
])('a receipt that comes while they are fetched %s is not lost to an answer of before it', async (_, known) => {
  if (known) cache.setQueryData(queryKey, known)
  const { promise, resolve } = Promise.withResolvers<MemberReceipt[]>()
  const ask = vi.fn(() => promise)
  const observer = new QueryObserver(cache, { queryKey, queryFn: ask })
  const stop = observer.subscribe(() => {})
  if (known) void observer.refetch()
  takeReceipt(cache, { conversation_id: 'c1', ...reached(7, 7), at })
  await new Promise((turn) => setTimeout(turn))
  resolve([{ ...reached(5, 3), read_at: null }])
  await expect.poll(() => cache.getQueryData(queryKey)).toEqual([{ ...reached(7, 7), read_at: at }])
  expect(ask).toHaveBeenCalledTimes(1)
  stop()
})

it('positions only go forward', () => {
  cache.setQueryData(queryKey, [{ ...reached(5, 3), read_at: null }])
  takeReceipt(cache, { conversation_id: 'c1', ...reached(7, 2), at })
  expect(cache.getQueryData(queryKey)).toEqual([{ ...reached(7, 3), read_at: at }])
})

describe('how far a message has come', () => {
  const others = (...places: [number, number][]) =>
    reachOf(places.map((each) => ({ ...reached(...each), read_at: null })))

  it.each([
    ['nobody else is there', others(), 'sent'],
    ['one has not got it', others([5, 5], [4, 4]), 'sent'],
    ['all have got it', others([5, 2], [9, 4]), 'delivered'],
    ['one has read it, which nobody said was delivered', others([0, 5], [6, 4]), 'delivered'],
    ['all have read it', others([5, 5], [0, 7]), 'read'],
  ])('%s', (_, reach, expected) => expect(reachedOf(5, reach)).toBe(expected))
})
