// P1: GET /users/me with a cookie, many people in turn, against a bare framework that does only the naive work.
import { inTurn } from '../harness/rounds.mjs'
import { register, startAtrium } from '../subjects/atrium.mjs'
import { startBareFastify } from '../subjects/bare-fastify.mjs'
import { measure } from './measure.mjs'

const peopleCount = 64
const connections = 32

export async function authenticatedRead({ builds, folder, load, options, profile, tell }) {
  const subjects = []
  let accounts
  for (const { name, main } of builds) {
    const server = await startAtrium({ name, main, folder, profile })
    const people = await register(server.port, peopleCount)
    accounts ??= people.map(({ account }) => account)
    subjects.push({ ...server, people })
  }
  for (const verify of ['jose', 'hmac']) subjects.push(await startBareFastify(verify, accounts, folder))

  const job = { script: 'readOwnAccount', connections, ...options.times }
  const measured = subjects.map(({ name, pid, port, people }) => ({
    name,
    measure: () => measure(name, [pid], load, { ...job, port, people }),
  }))
  const results = await inTurn(measured, { ...options, tell })
  for (const subject of subjects) await subject.stop()
  return {
    id: 'P1',
    title: `authenticated read, SQLite, ${connections} connections, ${peopleCount} people`,
    results,
    target: { reference: 'bare Fastify, jose', of: 'rate', atLeast: 0.9, wanted: 1 },
    references: ['bare Fastify, jose', 'bare Fastify, HMAC'],
  }
}
