import { connect, type LiveClient } from './live-client.ts'
import type { TestApp, Visitor } from './test-app.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
type Any = any

/** Holds the rows of one table as a page would: a list first, then what is told. */
export interface TableWatcher {
  live: LiveClient
  cursor: string
  /** By key, for as long as the table is open to them. */
  rows: Map<string, Any>
  told: Any[]
  resets: number
  isEnded: boolean
}

export interface Watched {
  table: string
  filter?: object
  fields?: string[]
}

/** What a list shows of it now, by key `id`; undefined where it is closed. */
export async function listed(
  visitor: Visitor,
  { table, filter, fields }: Watched,
): Promise<Map<string, Any> | undefined> {
  const query = new URLSearchParams({ limit: '100', ...(fields ? { fields: fields.join() } : {}) })
  if (filter) query.set('filter', JSON.stringify(filter))
  const { status, json } = await visitor.get(`/data/${table}?${query}`)
  return status === 200 ? new Map(json.data.map((row: Any) => [String(row.id), row])) : undefined
}

/** `from`: what another watcher holds, to be gone on with. */
export async function watchTable(
  app: TestApp,
  visitor: Visitor,
  wanted: Watched,
  from?: Pick<TableWatcher, 'cursor' | 'rows'>,
): Promise<TableWatcher> {
  const live = await connect(app, visitor)
  const rows = new Map(from?.rows)
  const watcher: TableWatcher = { live, cursor: '', rows, told: [], resets: 0, isEnded: false }
  /** Told while a list is on its way. */
  let waiting: Any[] | undefined
  let loading = Promise.resolve()
  const apply = (news: Any) => {
    if (news.action === 'delete') rows.delete(news.key)
    else rows.set(news.key, news.record)
  }
  const load = async () => {
    waiting = []
    const list = await listed(visitor, wanted)
    rows.clear()
    for (const [key, row] of list ?? []) rows.set(key, row)
    for (const news of waiting) apply(news)
    waiting = undefined
  }
  const reset = () => {
    watcher.resets++
    loading = loading.then(load)
    return loading
  }
  live.socket.on('data.changed', (news: Any) => {
    watcher.cursor = news.cursor
    watcher.told.push(news)
    if (waiting) waiting.push(news)
    else apply(news)
  })
  live.socket.on('data.reset', (news: Any) => {
    watcher.cursor = news.cursor
    waiting ??= []
    void reset()
  })
  live.socket.on('data.ended', () => {
    watcher.isEnded = true
  })
  if (!from) waiting = []
  const answer = await live.ask('data.subscribe', { ...wanted, ...(from ? { cursor: from.cursor } : {}) })
  if (!answer.ok) {
    live.close()
    throw Object.assign(new Error(answer.error.code), { code: answer.error.code })
  }
  watcher.cursor = answer.data.cursor
  if (!from || answer.data.reset) await reset()
  return watcher
}
