import { useDebouncedValue } from '@mantine/hooks'
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { blockQuery, blockSize, type RowView, totalQuery } from '../queries.ts'
import type { Row } from '../types.ts'

/** More than this a browser cannot make one page high; a filter leads to the others. */
const mostRows = 400_000

export interface Range {
  first: number
  last: number
}

/** The rows of a view as one long list, of which the parts in sight are loaded. */
export function useRows(table: string, view: RowView, key: string | undefined) {
  const cache = useQueryClient()
  const [range, setRange] = useState<Range>({ first: 0, last: 30 })
  // What only flies past while somebody drags the scroll bar is not asked for.
  const [settled] = useDebouncedValue(range, 70)
  const total = useQuery(totalQuery(table, view, key))
  const from = Math.floor(settled.first / blockSize)
  const to = Math.floor(settled.last / blockSize)
  const indexes = [...new Set([0, ...Array.from({ length: to - from + 1 }, (_, step) => from + step)])]
  const blocks = useQueries({ queries: indexes.map((index) => blockQuery(table, view, index)) })

  let known = 0
  let end: number | undefined
  for (const [at, { data }] of blocks.entries()) {
    if (!data) continue
    const index = indexes[at] ?? 0
    const seen = index * blockSize + data.data.length
    if (data.data.length < blockSize && (data.data.length > 0 || index === 0)) end = Math.max(end ?? 0, seen)
    known = Math.max(known, seen + (data.data.length === blockSize && data.page.has_more ? 1 : 0))
  }
  const count = end ?? Math.max(total.data ?? 0, known)
  const rowAt = (index: number): Row | undefined => {
    const block = Math.floor(index / blockSize)
    return cache.getQueryData(blockQuery(table, view, block).queryKey)?.data[index % blockSize]
  }
  const failed = blocks.find(({ error, data }) => error && !data)
  return {
    count: Math.min(count, mostRows),
    isCut: count > mostRows,
    total: total.data,
    rowAt,
    setRange,
    blocks: blocks.map(({ data }) => data?.data ?? none),
    isPending: blocks[0]?.isPending ?? true,
    isRenewing: blocks.some(({ isRefetching }) => isRefetching),
    error: failed?.error,
    retry: () => void failed?.refetch(),
  }
}

const none: Row[] = []
export type Rows = ReturnType<typeof useRows>
