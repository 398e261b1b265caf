// The limit for a download: Fastify, one token check, one lookup in SQLite, and Node's stream of the file.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import Fastify from 'fastify'
import { createTokenCheck } from './token.mjs'

const { PORT, FOLDER, SECRET, FILES } = process.env
process.on('disconnect', () => process.exit())

const db = new SqliteDatabase(join(FOLDER, 'files.db'))
db.pragma('journal_mode = WAL')
db.exec('create table files(id text primary key, owner text not null, size integer not null) without rowid')
const add = db.prepare('insert into files values(:id, :owner, :size)')
for (const file of JSON.parse(FILES)) add.run(file)
const find = db.prepare('select * from files where id = ? and owner = ?')

const check = createTokenCheck(SECRET)
const app = Fastify({ logger: false })
app.get('/api/v1/files/:id/content', async (request, reply) => {
  const { sub } = check(request.headers.cookie)
  const file = find.get(request.params.id, sub)
  if (!file) return reply.code(404).send()
  reply.headers({ 'content-type': 'application/octet-stream', 'content-length': String(file.size) })
  return reply.send(createReadStream(join(FOLDER, file.id)))
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })
