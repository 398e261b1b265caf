import type { AtriumClient, ClientOptions } from './contract.ts'
import { apiOf, contentOf, createHttp } from './http/api.ts'
import { Transport } from './http/transport.ts'
import { LiveConnection } from './live/live-connection.ts'
import { RowSubscriptions } from './live/row-subscriptions.ts'
import { memoryStorage, pageStorage } from './outbox/entries.ts'
import { OutboxQueue } from './outbox/outbox.ts'
import { watchPage } from './page.ts'
import { accountOf, conversationsOf, filesOf, messagesOf, peopleOf, sessionsOf } from './resources.ts'
import { BearerCredentials, CookieCredentials } from './session/credentials.ts'
import type { Locks } from './session/renewal.ts'
import type { SessionKeeper } from './session/session.ts'
import { joinTabs, signedInMark, type TabNews } from './session/tabs.ts'
import { WaysIn } from './session/ways-in.ts'
import { tableOf } from './table-calls.ts'

/** All tabs are warned at the same moment: what one of them renewed this lately does for the others. */
const freshMs = 5_000

/** A client of one Atrium server, one per page: `session.load()` first, then `live.connect()`. */
export function createClient(options: ClientOptions = {}): AtriumClient {
  const baseUrl = (options.baseUrl ?? globalThis.location.origin).replace(/\/$/, '')
  const inBrowser = typeof document !== 'undefined'
  const delivery = options.tokenDelivery ?? 'cookie'
  const withTabs = delivery === 'cookie' && (options.tabs ?? inBrowser)
  const locks = withTabs ? (globalThis.navigator?.locks as Locks | undefined) : undefined
  const fetch = options.fetch ?? ((request: Request) => globalThis.fetch(request))
  const report = options.onError ?? ((error: unknown) => console.error(error))
  const storage = options.storage ?? pageStorage()

  const cookies = new CookieCredentials(baseUrl, fetch)
  const credentials = delivery === 'body' ? new BearerCredentials(baseUrl) : cookies
  const transport = new Transport({
    fetch,
    credentials,
    locks,
    lockName: `atrium.renewal.${baseUrl}`,
    renewed: () => cookies.csrf && tell({ kind: 'renewed', csrf: cookies.csrf }),
    sessionLost: (code) => session.lost(code),
  })
  const http = createHttp(baseUrl, (request) => transport.send(request))
  const session = new WaysIn({
    http,
    credentials,
    delivery,
    mark: signedInMark(pageStorage()),
    renew: () => transport.renew(),
    tell: (news) => tell(news),
    report,
  })

  const live = new LiveConnection({
    baseUrl,
    headers: options.socketHeaders,
    token: () => credentials.accessToken,
    renew: async () => {
      if (Date.now() - credentials.changedAt > freshMs) await transport.renew()
    },
    syncByRest: (body) => contentOf(http.POST('/api/v1/sync', { body })),
    sessionEnded: (reason) => session.end(reason),
    report,
  })
  const subscriptions = new RowSubscriptions({ live, report })
  const outbox = new OutboxQueue({
    storage: storage ?? memoryStorage(),
    locks,
    post: (id, body) => contentOf(http.POST('/api/v1/conversations/{id}/messages', { params: { path: { id } }, body })),
    report,
  })

  live.on('message.created', ({ data }) => outbox.arrived(data))
  live.on('account.updated', ({ data }) => session.update(data))
  live.subscribe((state) => state === 'live' && outbox.resume())
  followSession(session, live, outbox)

  const onNews = (news: TabNews) => {
    if (news.kind === 'signed-out') session.end('logged_out')
    else if (news.kind === 'leaving') session.leaving = news.on
    else cookies.take(news.csrf)
    if (news.kind === 'signed-in') session.enter(news.user)
  }
  const tabs = withTabs ? joinTabs(`atrium.${baseUrl}`, onNews) : undefined
  const tell = (news: TabNews) => tabs?.tell(news)
  const leavePage = watchPage({
    back: () => {
      live.retryNow()
      outbox.resume()
    },
    stored: (key) => outbox.stored(key),
  })

  return {
    api: apiOf(http),
    http,
    session,
    live,
    outbox,
    conversations: conversationsOf(http),
    messages: messagesOf(http),
    people: peopleOf(http),
    account: accountOf(http),
    sessions: sessionsOf(http),
    files: filesOf(http),
    data: (table) => tableOf(http, subscriptions, table) as never,
    meta: () => contentOf(http.GET('/api/v1/meta')),
    close() {
      leavePage()
      tabs?.close()
      subscriptions.close()
      live.disconnect()
      outbox.leave()
    },
  }
}

/** Live data and unsent messages belong to the person who is signed in. */
function followSession(session: SessionKeeper, live: LiveConnection, outbox: OutboxQueue): void {
  let entries = session.entries
  let userId: string | undefined
  session.subscribe(({ user }) => {
    if (!user) {
      userId = undefined
      outbox.leave()
      return live.leave()
    }
    if (session.entries === entries) return
    entries = session.entries
    live.enter(user.id === userId)
    userId = user.id
    outbox.enter(user.id)
  })
}
