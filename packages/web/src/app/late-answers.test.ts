import { type InfiniteData, InfiniteQueryObserver, QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { changeQueries } from './late-answers.ts'
import { LiveQueryClient } from './query-client.ts'

const queryKey = ['list']
const options = { defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } } }
const cache = new LiveQueryClient(options)
let stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops) stop()
  stops = []
  cache.clear()
})

/** Answers that come when the test says so. */
function answers<Data>() {
  const asked: PromiseWithResolvers<Data>[] = []
  const ask = vi.fn(() => {
    const next = Promise.withResolvers<Data>()
    asked.push(next)
    return next.promise
  })
  return {
    ask,
    answer: (index: number, data: Data) => asked[index]?.resolve(data),
    fail: (index: number) => asked[index]?.reject(new Error()),
  }
}

const known = () => cache.getQueryData<string[]>(queryKey)
const withNews = (list: string[]) => (list.includes('news') ? list : ['news', ...list])

describe('a change that an event tells', () => {
  it.each([
    ['the first answer', undefined],
    ['an answer to what is known', ['old']],
  ])('is not lost to %s, asked for before it', async (_, before) => {
    if (before) cache.setQueryData(queryKey, before)
    const { ask, answer } = answers<string[]>()
    const observer = new QueryObserver(cache, { queryKey, queryFn: ask })
    stops.push(observer.subscribe(() => {}))
    if (before) void observer.refetch()
    changeQueries(cache, { queryKey }, withNews)
    expect(known()).toEqual(before && ['news', 'old'])
    answer(0, ['old', 'older'])
    await expect.poll(known).toEqual(['news', 'old', 'older'])
    expect(ask).toHaveBeenCalledTimes(1)
  })

  it('is made in the order of the events, and only for the answer that was on its way', async () => {
    const { ask, answer } = answers<string[]>()
    const observer = new QueryObserver(cache, { queryKey, queryFn: ask })
    stops.push(observer.subscribe(() => {}))
    changeQueries(cache, { queryKey }, withNews)
    changeQueries<string[]>(cache, { queryKey }, (list) => list.filter((each) => each !== 'news'))
    answer(0, ['old'])
    await expect.poll(known).toEqual(['old'])
    changeQueries(cache, { queryKey }, withNews)
    void observer.refetch()
    answer(1, ['older'])
    await expect.poll(known).toEqual(['older'])
  })

  it('outlives an answer that fails', async () => {
    cache.setQueryData(queryKey, ['old'])
    const { ask, fail } = answers<string[]>()
    const observer = new QueryObserver(cache, { queryKey, queryFn: ask })
    stops.push(observer.subscribe(() => {}))
    void observer.refetch()
    changeQueries(cache, { queryKey }, withNews)
    fail(0)
    await expect.poll(() => cache.getQueryState(queryKey)?.status).toBe('error')
    expect(known()).toEqual(['news', 'old'])
  })

  it('outlives a further page, which comes with the pages of before', async () => {
    const { ask, answer } = answers<string[]>()
    const observer = new InfiniteQueryObserver(cache, {
      queryKey,
      queryFn: ask,
      initialPageParam: 0,
      getNextPageParam: (_, pages) => pages.length,
    })
    stops.push(observer.subscribe(() => {}))
    answer(0, ['one'])
    const pages = () => cache.getQueryData<InfiniteData<string[]>>(queryKey)?.pages
    await expect.poll(pages).toEqual([['one']])
    void observer.fetchNextPage()
    changeQueries<InfiniteData<string[]>>(cache, { queryKey }, (data) => ({
      ...data,
      pages: data.pages.with(0, withNews(data.pages[0] ?? [])),
    }))
    answer(1, ['two'])
    await expect.poll(pages).toEqual([['news', 'one'], ['two']])
  })
})

describe('what is asked for anew', () => {
  it('is asked for once more where the first answer was on its way', async () => {
    const { ask, answer } = answers<string[]>()
    stops.push(new QueryObserver(cache, { queryKey, queryFn: ask }).subscribe(() => {}))
    void cache.invalidateQueries({ queryKey })
    void cache.invalidateQueries({ queryKey: ['another'] })
    answer(0, ['old'])
    await expect.poll(() => ask.mock.calls.length).toBe(2)
    answer(1, ['new'])
    await expect.poll(known).toEqual(['new'])
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('is what the library alone does not do', async () => {
    const plain = new QueryClient(options)
    const { ask, answer } = answers<string[]>()
    stops.push(new QueryObserver(plain, { queryKey, queryFn: ask }).subscribe(() => {}))
    void plain.invalidateQueries({ queryKey })
    answer(0, ['old'])
    await expect.poll(() => plain.getQueryData(queryKey)).toEqual(['old'])
    expect(ask).toHaveBeenCalledTimes(1)
  })
})
