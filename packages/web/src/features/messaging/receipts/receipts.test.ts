import type { MemberReceipt } from '@atrium/client'
import { QueryObserver } from '@tanstack/react-query'
import { afterEach, expect, it, vi } from 'vitest'

const receipts = vi.hoisted(() => vi.fn<() => Promise<MemberReceipt[]>>())
// The client of the page needs a page; what it fetches is decided by each test.
vi.mock('../../../app/client.ts', () => ({ client: { conversations: { receipts } } }))

const { queryClient: cache } = await import('../../../app/query-client.ts')
const { receiptsQuery } = await import('../queries.ts')
const { takeReceipt } = await import('./receipts.ts')

const at = '2026-01-01T00:00:00.000Z'
const reached = (delivered_seq: number, read_seq: number) => ({ user_id: 'ben', delivered_seq, read_seq })
const { queryKey } = receiptsQuery('c1')
afterEach(() => cache.clear())

it('a receipt that comes while they are fetched is not lost to an answer of before it', async () => {
  const { promise, resolve } = Promise.withResolvers<MemberReceipt[]>()
  receipts.mockReturnValue(promise)
  const stop = new QueryObserver(cache, receiptsQuery('c1')).subscribe(() => {})
  takeReceipt(cache, { conversation_id: 'c1', ...reached(7, 7), at })
  resolve([{ ...reached(5, 3), read_at: null }])
  await expect.poll(() => cache.getQueryData(queryKey)).toEqual([{ ...reached(7, 7), read_at: at }])
  expect(receipts).toHaveBeenCalledTimes(1)
  stop()
})

it('positions only go forward', () => {
  cache.setQueryData(queryKey, [{ ...reached(5, 3), read_at: null }])
  takeReceipt(cache, { conversation_id: 'c1', ...reached(7, 2), at })
  expect(cache.getQueryData(queryKey)).toEqual([{ ...reached(7, 3), read_at: at }])
})
