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

const text = { type: 'string' }
const textOrNull = { type: ['string', 'null'] }
const account = {
  type: 'object',
  properties: {
    id: text,
    username: text,
    email: text,
    email_verified: { type: 'boolean' },
    display_name: textOrNull,
    first_name: textOrNull,
    last_name: textOrNull,
    bio: textOrNull,
    locale: textOrNull,
    time_zone: textOrNull,
    date_of_birth: textOrNull,
    country: textOrNull,
    roles: { type: 'array', items: text },
    has_password: { type: 'boolean' },
    status: text,
    last_login_at: textOrNull,
    created_at: text,
    updated_at: text,
    version: { type: 'integer' },
  },
}

const db = new SqliteDatabase(DATABASE)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
fill(JSON.parse(readFileSync(PEOPLE, 'utf8')))
const isRevoked = db.prepare('select 1 from revoked_tokens where jti = ?').pluck()
const findUser = db.prepare('select * from users where id = ?')

const verify = VERIFY === 'jose' ? await joseVerifier() : createTokenVerifier(SECRET)
const app = Fastify({ logger: false })
app.decorateRequest('claims', null)
app.get('/api/v1/users/me', {
  schema: { response: { 200: account } },
  preHandler: async (request, reply) => {
    try {
      request.claims = await verify(parseCookie(request.headers.cookie ?? '').access_token_cookie ?? '')
    } catch {
      return reply.code(401).send({ error: 'unauthorized' })
    }
    if (isRevoked.get(request.claims.jti)) return reply.code(401).send({ error: 'revoked' })
  },
  handler: async (request) => {
    const { role, ...user } = findUser.get(request.claims.sub)
    return { ...user, email_verified: user.email_verified === 1, has_password: user.has_password === 1, roles: [role] }
  },
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })

function fill(people) {
  const columns = [...Object.keys(account.properties).filter((name) => name !== 'roles'), 'role']
  db.exec(`create table users(${columns.join(', ')}, primary key (id)) without rowid`)
  db.exec('create table revoked_tokens(jti text primary key, expires_at integer not null) without rowid')
  const addUser = db.prepare(`insert into users(${columns}) values(${columns.map((name) => `:${name}`)})`)
  const addRevoked = db.prepare('insert into revoked_tokens values(lower(hex(randomblob(16))), 4102444800)')
  const store = (value) => (typeof value === 'boolean' ? Number(value) : value)
  db.transaction(() => {
    for (const { roles, ...user } of people) {
      const row = { ...user, role: roles[0] }
      addUser.run(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, store(value)])))
    }
    for (let i = 0; i < 5000; i++) addRevoked.run()
  })()
}

async function joseVerifier() {
  const usage = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', Buffer.from(SECRET), usage, false, ['verify'])
  return async (token) => (await jwtVerify(token, key, { algorithms: ['HS256'] })).payload
}
