/** The words a template is filled with, all made from the module's name. */
interface Names {
  /** `book-marks`, `book_marks`, `BookMarks`, `bookMarks`, `BOOK_MARKS`. */
  kebab: string
  snake: string
  pascal: string
  camel: string
  upper: string
}

export function namesOf(kebab: string): Names {
  const snake = kebab.replaceAll('-', '_')
  const pascal = kebab.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())
  return { kebab, snake, pascal, camel: pascal[0]?.toLowerCase() + pascal.slice(1), upper: snake.toUpperCase() }
}

/** The files of a new module, by name: a list that people add to and everyone sees grow. */
export const filesOf = (names: Names): Record<string, string> =>
  Object.fromEntries(
    Object.entries(templates).map(([file, text]) => [
      file.replace('$kebab', names.kebab),
      text.replace(/\$(kebab|snake|pascal|camel|upper)/g, (_all, name: keyof Names) => names[name]),
    ]),
  )

const templates: Record<string, string> = {
  'index.ts': `import { defineModule } from '@atrium/server'
import { $camelErrors } from './$kebab.errors.ts'
import { items } from './$kebab.migrations.ts'
import type { $pascalTables } from './$kebab.repository.ts'
import { $camelRoutes } from './$kebab.routes.ts'
import { $pascal, itemCreated } from './$kebab.service.ts'

export default defineModule<$pascalTables>()({
  name: '$kebab',
  tables: ['$snake_items'],
  migrations: { '0001_items': items },
  permissions: {
    '$snake:read': { description: 'See the items of $kebab', roles: ['guest', 'user', 'moderator'] },
    '$snake:write': { description: 'Add items to $kebab', roles: ['user', 'moderator'] },
  },
  errors: $camelErrors.table,
  streams: { all: { permission: '$snake:read' } },
  build(ground) {
    const service = new $pascal(ground)
    return {
      routes: $camelRoutes(service),
      events: [{ types: [itemCreated], render: (_db, events) => service.tellCreated(events) }],
      forget: (work, userId) => service.forget(work, userId),
    }
  },
})
`,
  '$kebab.errors.ts': `import { defineErrors } from '@atrium/server'

export const $camelErrors = defineErrors({
  $snake_item_not_found: ['not_found', 'There is no such item', 'Read the list again: it may have been removed.'],
})
`,
  '$kebab.schema.ts': `import { Id, pageOf, type Static, strict, Time, Type } from '@atrium/server'

export const Item = Type.Object({ id: Id, text: Type.String(), created_at: Time }, { title: '$pascalItem' })
export type Item = Static<typeof Item>

export const NewItem = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 500 }) },
  { ...strict, title: '$pascalNewItem' },
)
export type NewItem = Static<typeof NewItem>

export const ItemList = pageOf(Item, '$pascalItemList')
export type ItemList = Static<typeof ItemList>

export const ListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type ListQuery = Static<typeof ListQuery>
`,
  '$kebab.migrations.ts': `import type { Migration } from '@atrium/server'

export const items: Migration = {
  async up(db, { types, tableOptions }) {
    await db.schema
      .createTable('$snake_items')
      .ifNotExists()
      .addColumn('id', types.id, (column) => column.notNull())
      .addColumn('author_id', types.id, (column) => column.notNull())
      .addColumn('text', types.string(500), (column) => column.notNull())
      .addColumn('created_at', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('$snake_items_pkey', ['id'])
      .modifyEnd(tableOptions)
      .execute()
    await db.schema
      .createIndex('$snake_items_author_id_index')
      .ifNotExists()
      .on('$snake_items')
      .column('author_id')
      .execute()
  },
}
`,
  '$kebab.repository.ts': `import type { Kysely } from '@atrium/server'

export interface ItemRow {
  id: string
  author_id: string
  text: string
  created_at: string
}

export interface $pascalTables {
  $snake_items: ItemRow
}

type Db = Kysely<$pascalTables>

export async function insertItem(db: Db, row: ItemRow): Promise<void> {
  await db.insertInto('$snake_items').values(row).execute()
}

/** Newest first: ids sort by time. */
export function listItems(db: Db, { before, limit }: { before?: string; limit: number }): Promise<ItemRow[]> {
  const query = db.selectFrom('$snake_items').selectAll().orderBy('id', 'desc').limit(limit)
  return (before === undefined ? query : query.where('id', '<', before)).execute()
}

export const findItems = (db: Db, ids: readonly string[]): Promise<ItemRow[]> =>
  db.selectFrom('$snake_items').selectAll().where('id', 'in', ids).execute()

export async function deleteItem(db: Db, id: string, authorId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('$snake_items')
    .where('id', '=', id)
    .where('author_id', '=', authorId)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

export async function deleteOfAuthor(db: Db, authorId: string): Promise<void> {
  await db.deleteFrom('$snake_items').where('author_id', '=', authorId).execute()
}
`,
  '$kebab.service.ts': `import { type Actor, type AppendedEvent, defineEvent, type Ground, type ModuleWork, newId } from '@atrium/server'
import { $camelErrors } from './$kebab.errors.ts'
import {
  type $pascalTables,
  deleteItem,
  deleteOfAuthor,
  findItems,
  type ItemRow,
  insertItem,
  listItems,
} from './$kebab.repository.ts'
import { Item, type ItemList, type ListQuery, type NewItem } from './$kebab.schema.ts'

export const itemCreated = defineEvent('$snake.item_created', Item)

export class $pascal {
  readonly #ground: Ground<$pascalTables>

  constructor(ground: Ground<$pascalTables>) {
    this.#ground = ground
  }

  async list({ limit = 20, cursor }: ListQuery): Promise<ItemList> {
    const { db, cursors } = this.#ground
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>('items', cursor)
    const rows = await listItems(db, { ...(before ? { before } : {}), limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    const next = hasMore ? cursors.encode('items', [last.id]) : null
    return { data: shown.map(toItem), page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  async add(actor: Actor, { text }: NewItem): Promise<Item> {
    const { unitOfWork, now, streams } = this.#ground
    const row: ItemRow = { id: newId(), author_id: actor.userId, text, created_at: now().toISOString() }
    await unitOfWork(async ({ tx, append }) => {
      await insertItem(tx, row)
      await append([{ stream: streams.named('all'), type: itemCreated.type, refs: { item_id: row.id } }])
    })
    return toItem(row)
  }

  /** One's own. Throws $snake_item_not_found. */
  async remove(actor: Actor, id: string): Promise<void> {
    const isGone = await this.#ground.unitOfWork(({ tx }) => deleteItem(tx, id, actor.userId))
    if (!isGone) throw $camelErrors.$snake_item_not_found()
  }

  /** What was removed meanwhile is told without content. */
  async tellCreated(events: readonly AppendedEvent[]): Promise<(Item | undefined)[]> {
    const ids = events.map(({ refs }) => String(refs.item_id))
    const byId = new Map((await findItems(this.#ground.db, ids)).map((row) => [row.id, toItem(row)]))
    return ids.map((id) => byId.get(id))
  }

  async forget({ tx }: ModuleWork<$pascalTables>, userId: string): Promise<void> {
    await deleteOfAuthor(tx, userId)
  }
}

const toItem = ({ id, text, created_at }: ItemRow): Item => ({ id, text, created_at })
`,
  '$kebab.routes.ts': `import { Id, type ModuleRoutes, Problem, Type } from '@atrium/server'
import { Item, ItemList, ListQuery, NewItem } from './$kebab.schema.ts'
import type { $pascal } from './$kebab.service.ts'

const tags = ['$kebab']
const reading = { access: { permission: '$snake:read' } }
const writing = { access: { permission: '$snake:write' } }
const refusals = { 401: Problem, 403: Problem, 422: Problem }

export const $camelRoutes =
  (service: $pascal): ModuleRoutes =>
  async (app) => {
    app.get('/items', {
      config: reading,
      schema: {
        operationId: 'list$pascalItems',
        summary: 'The items, newest first',
        tags,
        querystring: ListQuery,
        response: { 200: ItemList, 400: Problem, ...refusals },
      },
      handler: ({ query }) => service.list(query),
    })

    app.post('/items', {
      config: writing,
      schema: {
        operationId: 'add$pascalItem',
        summary: 'Add an item',
        tags,
        body: NewItem,
        response: { 201: Item, ...refusals },
      },
      handler: async ({ actor, body }, reply) => reply.code(201).send(await service.add(actor, body)),
    })

    app.delete('/items/:id', {
      config: writing,
      schema: {
        operationId: 'remove$pascalItem',
        summary: 'Remove an item of one’s own',
        tags,
        params: Type.Object({ id: Id }),
        response: { 204: Type.Null(), 404: Problem, ...refusals },
      },
      handler: async ({ actor, params }, reply) => {
        await service.remove(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
`,
  '$kebab.test.ts': `import { type ModuleTestApp, openTestApp } from '@atrium/server/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import $camel from './index.ts'

const items = '/api/v1/modules/$kebab/items'
let app: ModuleTestApp
beforeAll(async () => {
  app = await openTestApp([$camel])
})
afterAll(() => app.drop())

it('keeps what people add, shows it to those who may see it, and removes only one’s own', async () => {
  const [ann, bob] = [await app.person('ann'), await app.person('bob')]
  const added = await ann.send('POST', items, { text: 'first' })
  expect([added.status, added.body.text]).toEqual([201, 'first'])
  expect((await bob.send('GET', items)).body.data).toEqual([added.body])
  expect((await app.stranger.send('GET', items)).body.code).toBe('authentication_required')
  expect((await bob.send('DELETE', \`\${items}/\${added.body.id}\`)).body.code).toBe('$snake_item_not_found')
  expect((await ann.send('DELETE', \`\${items}/\${added.body.id}\`)).status).toBe(204)
  expect((await bob.send('GET', items)).body.data).toEqual([])
})

it('forgets whom the server forgets', async () => {
  const eve = await app.person('eve')
  await eve.send('POST', items, { text: 'I was here' })
  await app.services.erasure.erase(eve.id)
  const ann = await app.person('ann2')
  expect((await ann.send('GET', items)).body.data).toEqual([])
})
`,
}
