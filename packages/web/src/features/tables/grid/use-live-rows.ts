import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { client } from '../../../app/client.ts'
import { type RowView, renewRows, showRow } from '../queries.ts'
import type { Row, TableSchema } from '../types.ts'
import type { Marks } from './use-marks.ts'

/** Changes that come together are answered by one look. */
const togetherMs = 250

interface Subscribed {
  subscription_id: string
  cursor: string
  /** What was missed is not known any more. */
  reset: boolean
}

/**
 * Rows change where they stand while somebody looks at them. Those that come where they would push others away wait to
 * be asked for: `waiting` says how many.
 */
export function useLiveRows(schema: TableSchema, { filter, fields, sort }: RowView, marks: Marks) {
  const cache = useQueryClient()
  const [waiting, setWaiting] = useState(0)
  const { name: table, realtime, key, columns } = schema
  const { mark } = marks
  const isCounted = key.length === 1 && columns.find(({ name }) => name === key[0])?.type === 'integer'
  // A new row of a table whose key counts stands at the end, and moves nobody.
  const comesLast = isCounted && sort === undefined
  const asked = JSON.stringify({ table, filter, fields: fields?.split(',') })
  const keys = useRef(key)
  keys.current = key

  useEffect(() => {
    if (!realtime) return
    let isOpen = true
    let id: string | undefined
    let cursor: string | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const renew = () => {
      clearTimeout(timer)
      timer = setTimeout(() => void renewRows(cache, table), togetherMs)
    }
    const subscribe = async () => {
      if (client.live.state !== 'live') return
      const input = { ...JSON.parse(asked), numbers: 'string', ...(cursor ? { cursor } : {}) }
      const isFirst = cursor === undefined
      try {
        const answer = await client.live.send<Subscribed>('data.subscribe', input)
        if (!isOpen) return void client.live.send('data.unsubscribe', { subscription_id: answer.subscription_id })
        id = answer.subscription_id
        cursor = answer.cursor
        // What changed between the first look and now was not told.
        if (isFirst || answer.reset) renew()
      } catch {
        // Without it the page is as one that is not live: there is a button to look again.
      }
    }
    const stops = [
      client.live.subscribe((state) => state === 'live' && void subscribe()),
      client.live.onEphemeral('data.changed', (change) => {
        if (change.subscription_id !== id) return
        cursor = change.cursor
        if (change.action === 'delete') return mark(change.key, 'gone')
        mark(change.key, change.action === 'insert' ? 'new' : 'changed')
        if (change.action === 'update' && change.record)
          return showRow(cache, table, keys.current, change.record as Row)
        if (comesLast) renew()
        else setWaiting((count) => count + 1)
      }),
      client.live.onEphemeral('data.reset', (reset) => {
        if (reset.subscription_id !== id) return
        cursor = reset.cursor
        renew()
      }),
      client.live.onEphemeral('data.ended', (ended) => {
        if (ended.subscription_id === id) void cache.invalidateQueries({ queryKey: ['data'] })
      }),
    ]
    void subscribe()
    return () => {
      isOpen = false
      clearTimeout(timer)
      for (const stop of stops) stop()
      if (id !== undefined) client.live.send('data.unsubscribe', { subscription_id: id }).catch(() => {})
    }
  }, [realtime, asked, table, comesLast, cache, mark])

  const show = () => {
    setWaiting(0)
    void renewRows(cache, table)
  }
  return { waiting, show }
}
