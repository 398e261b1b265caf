import { sql } from 'kysely'
import { defineModule } from '../src/index.ts'
import type { Db } from '../src/platform/db/schema.ts'

/** A module whose tables have columns of every type that there is. */
export const shelf = defineModule()({
  name: 'shelf',
  tables: ['shelf_boxes', 'shelf_things'],
  migrations: {
    '0001_things': {
      async up(db, { types, tableOptions }) {
        await db.schema
          .createTable('shelf_boxes')
          .ifNotExists()
          .addColumn('label', types.key(40), (column) => column.notNull())
          .addPrimaryKeyConstraint('shelf_boxes_pkey', ['label'])
          .modifyEnd(tableOptions)
          .execute()
        await db.schema
          .createTable('shelf_things')
          .ifNotExists()
          .addColumn('box', types.key(40), (column) => column.notNull())
          .addColumn('number', types.bigint, (column) => column.notNull())
          .addColumn('label', types.string(200))
          .addColumn('words', types.text)
          .addColumn('many_words', types.longText)
          .addColumn('size', types.integer)
          .addColumn('weight', types.double)
          .addColumn('is_lent', types.boolean)
          .addColumn('since', types.timestamp)
          .addColumn('about', types.json)
          .addPrimaryKeyConstraint('shelf_things_pkey', ['box', 'number'])
          .addForeignKeyConstraint('shelf_things_box_fkey', ['box'], 'shelf_boxes', ['label'])
          .modifyEnd(tableOptions)
          .execute()
      },
    },
  },
  build: () => ({ forget: async () => {} }),
})

const odd = `ünï 🙂 'quoted' "twice" \\\\ \u00e9\u0301 %_`

/** Of more rows than go at once, and with what engines write in ways of their own. */
export async function fillShelf(db: Db): Promise<void> {
  const nothing = { label: null, words: null, many_words: null, size: null, weight: null }
  const empty = { ...nothing, is_lent: null, since: null, about: null }
  const rows = [
    { ...empty, box: 'A', number: 1 },
    {
      ...{ box: 'a', number: 9_007_199_254_740_991, label: `${odd} `, words: odd, many_words: odd.repeat(2_000) },
      ...{ size: -2_147_483_648, weight: 0.1 + 0.2, is_lent: 1, since: '2026-02-28T23:59:59.999Z' },
      about: JSON.stringify({ z: 1, a: [{ y: null, b: odd }, 1e21, 1.5, []], '': {} }),
    },
    {
      ...{ box: 'a', number: -1, label: '', words: '{"looks": "like JSON"}', many_words: '', size: 0, weight: -1e-7 },
      ...{ is_lent: 0, since: '1970-01-01T00:00:00.000Z', about: '[]' },
    },
    ...Array.from({ length: 1_200 }, (_, number) => ({ ...empty, box: 'A', number: number + 2, size: number })),
  ]
  await sql`insert into shelf_boxes (label) values ('A'), ('a')`.execute(db)
  for (let start = 0; start < rows.length; start += 100)
    await db
      .insertInto('shelf_things' as never)
      .values(rows.slice(start, start + 100) as never)
      .execute()
}
