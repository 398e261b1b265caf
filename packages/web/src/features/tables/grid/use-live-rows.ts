import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { client } from '../../../app/client.ts'
import { followsRelations } from '../filters/filter-model.ts'
import { type RowView, renewRows, showRow } from '../queries.ts'
import type { Row, TableSchema } from '../types.ts'
import type { Marks } from './use-marks.ts'

/** Changes that come together are answered by one look. */
const togetherMs = 250

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
  // Rows of other tables decide then, and this table says nothing of them: each change is a reason to look again.
  const isFar = followsRelations(filter)
  const asked = JSON.stringify({ filter: isFar ? undefined : filter, fields: fields?.split(','), numbers: 'string' })
  const keys = useRef(key)
  keys.current = key

  useEffect(() => {
    if (!realtime) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const renew = () => {
      clearTimeout(timer)
      timer = setTimeout(() => void renewRows(cache, table), togetherMs)
    }
    const stop = client.data(table).subscribe(JSON.parse(asked), {
      // What changed between the first look and now was not told.
      load: renew,
      insert: (_, { path }) => {
        if (isFar) return renew()
        mark(path, 'new')
        if (comesLast) renew()
        else setWaiting((count) => count + 1)
      },
      update: (row: Row, { path }) => {
        if (isFar) return renew()
        mark(path, 'changed')
        showRow(cache, table, keys.current, row)
      },
      delete: ({ path }) => mark(path, 'gone'),
      // Closed to this person, or not live any more: what may be done is asked anew. Otherwise there is a button.
      ended: (reason) => (reason === 'revoked' ? cache.invalidateQueries({ queryKey: ['data'] }) : undefined),
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [realtime, asked, isFar, table, comesLast, cache, mark])

  const show = () => {
    setWaiting(0)
    void renewRows(cache, table)
  }
  return { waiting, show }
}
