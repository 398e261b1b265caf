// The limit for an authenticated read: Fastify, one token check, two lookups in SQLite. No limits, no security headers,
// no log, no roles. VERIFY=jose checks the token as most code does; VERIFY=hmac with Node's synchronous HMAC.
import { readFileSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import { parseCookie } from 'cookie'
import Fastify from 'fastify'
import { jwtVerify } from 'jose'
import { createTokenVerifier } from './token.mjs'

const { PORT, DATABASE, SECRET, PEOPLE, VERIFY } = process.env
process.on('disconnect', () => process.exit())

const people = JSON.parse(readFileSync(PEOPLE, 'utf8'))
/** Of each field what a table keeps: text and numbers as they are, flags as 0 and 1, lists and objects as JSON. */
const kinds = Object.fromEntries(Object.keys(people[0]).map((name) => [name, kindOf(people.map((one) => one[name]))]))
const flags = Object.keys(kinds).filter((name) => kinds[name] === 'flag')
const documents = Object.keys(kinds).filter((name) => kinds[name] === 'document')

const db = new SqliteDatabase(DATABASE)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
fill()
const isRevoked = db.prepare('select 1 from revoked_tokens where jti = ?').pluck()
const findUser = db.prepare('select * from users where id = ?')

const verify = VERIFY === 'jose' ? await joseVerifier() : createTokenVerifier(SECRET)
const app = Fastify({ logger: false })
app.decorateRequest('claims', null)
app.get('/api/v1/users/me', {
  schema: { response: { 200: schemaOf(people) } },
  preHandler: async (request, reply) => {
    try {
      request.claims = await verify(parseCookie(request.headers.cookie ?? '').access_token_cookie ?? '')
    } catch {
      return reply.code(401).send({ error: 'unauthorized' })
    }
    if (isRevoked.get(request.claims.jti)) return reply.code(401).send({ error: 'revoked' })
  },
  handler: async (request) => {
    const user = findUser.get(request.claims.sub)
    for (const name of flags) user[name] = user[name] === 1
    for (const name of documents) user[name] = JSON.parse(user[name])
    return user
  },
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })

function kindOf(values) {
  const isAny = (type) => values.some((value) => typeof value === type && value !== null)
  return isAny('boolean') ? 'flag' : isAny('object') ? 'document' : 'plain'
}

/** The schema that somebody would have written for answers like these: their fields in their order, with their types. */
function schemaOf(values) {
  const present = values.filter((value) => value !== null)
  const orNull = (type) => (present.length < values.length ? [type, 'null'] : type)
  const [first = null] = present
  if (Array.isArray(first)) return { type: orNull('array'), items: schemaOf(present.flat()) }
  if (Number.isInteger(first)) return { type: orNull('integer') }
  if (first === null || typeof first === 'string')
    return { type: first === null ? ['string', 'null'] : orNull('string') }
  if (typeof first !== 'object') return { type: orNull(typeof first) }
  const properties = Object.keys(first).map((name) => [name, schemaOf(present.map((value) => value[name] ?? null))])
  return { type: orNull('object'), properties: Object.fromEntries(properties) }
}

function fill() {
  const columns = Object.keys(kinds)
  db.exec(`create table users(${columns.join(', ')}, primary key (id)) without rowid`)
  db.exec('create table revoked_tokens(jti text primary key, expires_at integer not null) without rowid')
  const addUser = db.prepare(`insert into users values(${columns.map((name) => `:${name}`)})`)
  const addRevoked = db.prepare('insert into revoked_tokens values(lower(hex(randomblob(16))), 4102444800)')
  const stored = { flag: Number, document: JSON.stringify, plain: (value) => value }
  db.transaction(() => {
    for (const person of people) {
      addUser.run(Object.fromEntries(columns.map((name) => [name, stored[kinds[name]](person[name])])))
    }
    for (let i = 0; i < 5000; i++) addRevoked.run()
  })()
}

async function joseVerifier() {
  const usage = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', Buffer.from(SECRET), usage, false, ['verify'])
  return async (token) => (await jwtVerify(token, key, { algorithms: ['HS256'] })).payload
}
