import type { App } from '../app.ts'
import { listAccounts } from '../modules/accounts/index.ts'
import type { Actor } from '../platform/actor.ts'
import {
  type DemoConversation,
  demoAddress,
  demoConversations,
  demoFiles,
  demoPeople,
  demoPlaces,
  demoRows,
  demoTable,
} from './demo-data.ts'

/** What was made now; what a run before had made is counted by none of these. */
export interface Seeded {
  people: number
  conversations: number
  messages: number
  files: number
  places: number
  rows: number
}

export interface SeedOptions {
  /** Although others are there already. */
  force: boolean
  /** Of the people that are made. */
  password: string
  onProgress(step: string, done: number, total: number): void
}

/** Nothing was written. */
export class SeedRefusedError extends Error {}

/** Each step looks what is there and makes what is not, by the same rules as for everybody: a second run makes nothing. */
export async function seed(
  { database, services }: Pick<App, 'database' | 'services'>,
  { force, password, onProgress }: SeedOptions,
): Promise<Seeded> {
  const names = new Set<string>(demoPeople.map(({ username }) => username))
  const made: Seeded = { people: 0, conversations: 0, messages: 0, files: 0, places: 0, rows: 0 }
  const total = demoPeople.length + demoConversations.length + demoFiles.length + demoPlaces.length + 1
  let done = 0
  const step = (name: string) => onProgress(name, ++done, total)

  const known = new Set(await demoAccounts())
  for (const { username, display_name } of demoPeople) {
    if (!known.has(username)) {
      await services.administration.create({ username, email: demoAddress(username), password, display_name }, ['user'])
      made.people += 1
    }
    step('people')
  }
  const actors = new Map<string, Actor>()
  for (const username of names) actors.set(username, await services.explaining.asUser(`@${username}`))
  const actor = (username: string): Actor => actors.get(username) as Actor

  for (const [index, conversation] of demoConversations.entries()) {
    const id = await opened(conversation)
    for (const [line, [from, text]] of conversation.lines.entries()) {
      const message = { client_id: `demo-${index}-${line}`, text }
      const { deduplicated } = await services.messaging.messages.send(actor(from), id, message)
      if (!deduplicated) made.messages += 1
    }
    step('messages')
  }

  for (const { by, name, visibility, text } of demoFiles) {
    const { data } = await services.files.list(actor(by), { purpose: 'file', limit: 100 })
    if (!data.some((file) => file.name === name)) {
      const upload = { ownerId: actor(by).userId, name, purpose: 'file', visibility } as const
      await services.files.keep(upload, [Buffer.from(text)])
      made.files += 1
    }
    step('files')
  }

  for (const { by, name, category, at } of demoPlaces) {
    const { data } = await services.placeSearch.list(actor(by), { near: at.join(','), radius: 1, category, limit: 20 })
    if (!data.some((place) => place.name === name)) {
      const geometry = { type: 'Point' as const, coordinates: [...at] as [number, number] }
      await services.places.create(actor(by), { name, category, geometry, visibility: 'public' })
      made.places += 1
    }
    step('places')
  }

  made.rows = await makeTable(actor('maya'))
  step('table')
  return made

  /** The demo people that are there. Throws where somebody else has one of their names, or is there at all. */
  async function demoAccounts(): Promise<string[]> {
    const demo: string[] = []
    for (let before: string | undefined; ; ) {
      const rows = await listAccounts(database.db, { limit: 200, before })
      for (const { username, email, status } of rows) {
        const isDemo = names.has(username) && email === demoAddress(username)
        if (isDemo) demo.push(username)
        else if (names.has(username)) throw new SeedRefusedError(`@${username} is somebody else here.`)
        else if (!force && status !== 'deleted')
          throw new SeedRefusedError(
            'There are people in this database already. With --force the demo data is put beside what is theirs.',
          )
      }
      before = rows.at(-1)?.id
      if (rows.length < 200) return demo
    }
  }

  async function opened({ by, with: others, title }: DemoConversation): Promise<string> {
    const { conversations } = services.messaging
    if (title === undefined) {
      const { conversation, created } = await conversations.open(actor(by), {
        kind: 'direct',
        username: others[0] ?? '',
      })
      if (created) made.conversations += 1
      return conversation.id
    }
    const { data } = await conversations.list(actor(by), { limit: 100 })
    const there = data.find((conversation) => conversation.title === title)
    if (there) return there.id
    made.conversations += 1
    const member_ids = others.map((username) => actor(username).userId)
    return (await conversations.open(actor(by), { kind: 'group', title, member_ids })).conversation.id
  }

  /** Not where the tables are somebody else's database that is only read. */
  async function makeTable(writer: Actor): Promise<number> {
    const { making, exposure, writing } = services.tables
    const { name } = demoTable
    const columns = demoTable.columns.map((column) => ({ ...column }))
    const isThere = (await exposure.list()).some((table) => table.name === name)
    if (isThere) return 0
    try {
      await making.create({ name, columns })
    } catch (error) {
      if ((error as { code?: string }).code === 'read_only_source') return 0
      throw error
    }
    const rules = { user: { actions: ['list' as const, 'get' as const, 'create' as const, 'update' as const] } }
    await exposure.set(name, { exposed: true, realtime: true, revisions: true, label: 'Boats', rules })
    return (await writing.create(writer, name, demoRows, { exactAsText: false })).length
  }
}
