// P4: a message that is stored, has its place and is acknowledged, against the driver's own commits.
import { join } from 'node:path'
import { PinnedProcess } from '../harness/processes.mjs'
import { inTurn } from '../harness/rounds.mjs'
import { newestMessage, openConversations, register, startAtrium } from '../subjects/atrium.mjs'
import { isInstalled, startEngine } from '../subjects/engines.mjs'
import { measure } from './measure.mjs'

const senders = 50
const rawConnections = 10

export const durableMessageSqlite = async (context) => {
  const { builds, folder, profile } = context
  const servers = []
  for (const { name, main } of builds) servers.push(await startAtrium({ name, main, folder, profile }))
  const raw = startRaw('raw better-sqlite3', 'raw-sqlite.mjs', join(folder, 'raw.db'), folder)
  return compareAll(context, { servers, raw, engine: 'SQLite FULL', rawLanes: 1, databasePids: [] })
}

/** Undefined where there is no PostgreSQL. */
export const durableMessagePostgres = async (context) => {
  const { builds, folder, profile, tell } = context
  if (!isInstalled('postgres', tell)) return []
  const postgres = await startEngine('postgres', folder)
  const servers = []
  for (const [index, { name, main }] of builds.entries()) {
    const database = await postgres.database(`atrium_${index}`)
    servers.push(await startAtrium({ name, main, folder, database, profile }))
  }
  const raw = startRaw('raw pg', 'raw-postgres.mjs', await postgres.database('raw'), folder)
  const databasePids = [postgres.pid]
  const engine = 'PostgreSQL'
  const results = await compareAll(context, { servers, raw, engine, rawLanes: rawConnections, databasePids })
  await postgres.stop()
  return results
}

function startRaw(name, script, database, folder) {
  return new PinnedProcess(name, {
    core: 'server',
    args: [join(import.meta.dirname, '../peers', script)],
    log: join(folder, `${script}.log`),
    talks: true,
    env: { DATABASE: database, NODE_ENV: 'production' },
  })
}

async function compareAll({ load, options, tell }, { servers, raw, engine, rawLanes, databasePids }) {
  const subjects = []
  for (const server of servers) {
    const people = await register(server.port, senders)
    await openConversations(server.port, people)
    subjects.push({ ...server, people, journal: [] })
  }
  const compare = async (title, connections, lanes, aim) => {
    const target = { reference: raw.name, ...aim }
    const job = { script: 'sendMessages', connections, ...options.times }
    const measured = subjects.map(({ name, pid, port, people, journal }) => ({
      name,
      measure: async () => {
        const { records, ...result } = await measure(name, [pid, ...databasePids], load, { ...job, port, people })
        for (const record of records) journal.push(record)
        return result
      },
    }))
    const rawJob = { connections: lanes, ...options.times }
    measured.push({ name: raw.name, measure: () => measure(raw.name, [raw.pid, ...databasePids], raw, rawJob) })
    const results = await inTurn(measured, { ...options, tell })
    return { id: 'P4', title: `durable message, ${engine}, ${title}`, results, references: [raw.name], target }
  }
  const many = await compare(`${senders} senders`, senders, rawLanes, { of: 'rate', atLeast: 1 })
  const one = await compare('one sender', 1, 1, { of: 'p50', atMost: 2 })
  for (const subject of subjects) await assertNothingLost(subject)
  for (const each of [...subjects, raw]) await each.stop()
  return [many, one]
}

/** Every conversation holds exactly the messages that were acknowledged, numbered without holes or repeats. */
async function assertNothingLost({ name, port, people, journal }) {
  const byConversation = new Map(people.map(({ conversation }) => [conversation, []]))
  for (const record of journal) byConversation.get(record[0]).push(record)
  for (const person of people) {
    const records = byConversation.get(person.conversation)
    const [numbers, seqs] = [1, 2].map((column) => new Set(records.map((record) => record[column])))
    const newest = await newestMessage(port, person)
    const isWhole = [numbers, seqs].every((set) => set.size === records.length)
    const isDense = newest.number === records.length && newest.seq === Math.max(...seqs)
    if (isWhole && isDense && numbers.has(1)) continue
    throw new Error(
      `${name}: ${records.length} messages of ${person.conversation} were acknowledged, ${numbers.size} numbers and ` +
        `${seqs.size} places given, the newest is ${newest.number} (seq ${newest.seq}).`,
    )
  }
}
