// The limit for a table over HTTP: Fastify with schemas and the driver, statements written by hand and prepared once.
// Nobody is asked who they are, there are no rules, no ETags, no events, no log.
import SqliteDatabase from 'better-sqlite3'
import Fastify from 'fastify'
import pg from 'pg'

const { PORT, DATABASE } = process.env
process.on('disconnect', () => process.exit())

const columns = 'id, title, status, author_id, price, done, created_at'
const article = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    title: { type: 'string', maxLength: 100 },
    status: { type: 'string', maxLength: 20 },
    author_id: { type: ['integer', 'null'] },
    price: { type: ['number', 'null'] },
    done: { type: 'boolean' },
    created_at: { type: 'string' },
  },
}
const { id: _, ...sent } = article.properties
const body = {
  type: 'object',
  properties: sent,
  required: ['title', 'status', 'created_at'],
  additionalProperties: false,
}
const page = {
  type: 'object',
  properties: {
    data: { type: 'array', items: article },
    page: {
      type: 'object',
      properties: {
        limit: { type: 'integer' },
        next_cursor: { type: ['string', 'null'] },
        has_more: { type: 'boolean' },
      },
    },
  },
}

const rows = DATABASE.startsWith('postgres') ? openPostgres(DATABASE) : openSqlite(DATABASE)
const app = Fastify({ logger: false })
app.get('/api/v1/data/articles', {
  schema: { response: { 200: page } },
  handler: async ({ query }) => {
    const after = query.cursor ?? query['filter[id][gt]']
    const found = await rows.list(query['filter[status]'], Number(after), 21)
    const data = found.slice(0, 20)
    const hasMore = found.length > 20
    return { data, page: { limit: 20, next_cursor: hasMore ? String(data.at(-1).id) : null, has_more: hasMore } }
  },
})
app.get('/api/v1/data/articles/:id', {
  schema: { response: { 200: article } },
  handler: async ({ params }, reply) => (await rows.get(Number(params.id))) ?? reply.code(404).send({}),
})
app.post('/api/v1/data/articles', {
  schema: { body, response: { 201: article } },
  handler: async (request, reply) => {
    reply.code(201)
    return rows.get(await rows.insert(request.body))
  },
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })

function openSqlite(file) {
  const db = new SqliteDatabase(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  const list = db.prepare(`select ${columns} from articles where status = ? and id > ? order by id limit ?`)
  const get = db.prepare(`select ${columns} from articles where id = ?`)
  const insert = db.prepare(`insert into articles (${columns.slice(4)}) values (?, ?, ?, ?, ?, ?)`)
  const read = (row) => row && { ...row, done: row.done === 1 }
  return {
    list: (status, after, limit) => list.all(status, after, limit).map(read),
    get: (id) => read(get.get(id)),
    insert: (row) =>
      insert.run(
        row.title,
        row.status,
        row.author_id ?? null,
        row.price ?? null,
        Number(row.done ?? false),
        row.created_at,
      ).lastInsertRowid,
  }
}

function openPostgres(url) {
  const types = { getTypeParser: (oid, format) => parsers.get(oid) ?? pg.types.getTypeParser(oid, format) }
  const pool = new pg.Pool({ connectionString: url, max: 10, types })
  const ask = async (name, text, values) => (await pool.query({ name, text, values })).rows
  return {
    list: (status, after, limit) =>
      ask('list', `select ${columns} from articles where status = $1 and id > $2 order by id limit $3`, [
        status,
        after,
        limit,
      ]),
    get: async (id) => (await ask('get', `select ${columns} from articles where id = $1`, [id]))[0],
    insert: async (row) => {
      const values = [
        row.title,
        row.status,
        row.author_id ?? null,
        row.price ?? null,
        row.done ?? false,
        row.created_at,
      ]
      const text = `insert into articles (${columns.slice(4)}) values ($1, $2, $3, $4, $5, $6) returning id`
      return (await ask('insert', text, values))[0].id
    },
  }
}

const parsers = new Map([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.NUMERIC, Number],
  [pg.types.builtins.TIMESTAMPTZ, (value) => new Date(value).toISOString()],
])
