// P10: what a request and a delivery cost where two instances share the work, against one; both behind nginx, each with a
// PostgreSQL and a Redis of its own. From both follows, as a straight line, what many instances would cost.
import { cpuSeconds } from '../harness/machine.mjs'
import { inTurn, median } from '../harness/rounds.mjs'
import { newestMessage, openChannel, openConversations, register } from '../subjects/atrium.mjs'
import { isInstalled } from '../subjects/engines.mjs'
import { startFleet } from '../subjects/fleet.mjs'
import { connectAll } from '../subjects/socket-load.mjs'

const connections = 32
const senders = 50
/** Each may have ten sockets. */
const mostPeople = 100
const [one, two] = ['one instance', 'two instances']
const target = { reference: one, of: 'microsecondsEach', atMost: 1.25 }
const columns = {
  microsecondsEach: 'server CPU µs each, median (min–max)',
  databaseEach: 'database, CPU µs a request or message',
  redisEach: 'Redis',
  proxyEach: 'nginx',
  rate: 'per second',
}

/** Nothing where one of the engines is missing. */
export async function twoInstances(context) {
  const { builds, folder, load, options, sockets, profile, tell } = context
  const isMissing = ['postgres', 'redis', 'nginx'].filter((kind) => !isInstalled(kind, tell)).length > 0
  if (isMissing) return []
  const size = Math.min(...sockets)
  const fleets = []
  for (const count of [1, 2]) {
    const fleet = await startFleet({ main: builds[0].main, count, folder, profile, sockets: size })
    const people = await register(fleet.port, Math.max(senders, Math.min(size, mostPeople)))
    await openConversations(fleet.port, people)
    fleets.push({ ...fleet, people, sent: 0 })
  }
  const compare = async (title, work) => {
    await warmUp(fleets, work)
    const measured = fleets.map((fleet) => ({ name: fleet.name, measure: () => work(fleet) }))
    const results = await inTurn(measured, { ...options, tell, of: 'microsecondsEach', unit: ' µs' })
    return {
      id: 'P10',
      title: `${title}, PostgreSQL and Redis, behind nginx`,
      results,
      columns,
      references: [one],
      target,
    }
  }
  const ask = (script, lanes) => (fleet) =>
    watched(fleet, load, { script, connections: lanes, ...options.times, port: fleet.port, people: fleet.people })
  const conclusions = [
    await compare(`authenticated read, ${connections} connections`, ask('readOwnAccount', connections)),
    await compare(`sending over HTTP, ${senders} senders`, ask('sendMessages', senders)),
  ]
  for (const fleet of fleets) await joinAll(fleet, size, folder)
  for (const [burst, way] of [
    [4, 'bursts of four'],
    [1, 'one message at a time'],
  ]) {
    const fanOut = async (fleet) => {
      const { sent, ...result } = await watched(fleet, fleet.load, { task: 'fanOut', burst, ...options.times })
      fleet.sent += sent
      return { ...result, sent }
    }
    conclusions.push(await compare(`a delivery to one of ${size} sockets, ${way}`, fanOut))
  }
  for (const fleet of fleets) {
    await assertAllStored(fleet)
    await assertShared(fleet)
    await fleet.load.stop()
    await fleet.stop()
  }
  return [...conclusions, onPaper(conclusions.at(-1).results, size)]
}

/** Each process compiles what it runs often, which two do twice; a second of it would be told as what an answer costs. */
async function warmUp(fleets, work) {
  for (const fleet of fleets) for (let time = 0; time < 2 * fleet.pids.servers.length; time++) await work(fleet)
}

/** As `measure`, with the processor time of each part apart: servers for each answer, the others for each message. */
async function watched({ name, pids }, worker, work) {
  const used = () =>
    Object.fromEntries(Object.entries(pids).map(([part, list]) => [part, list.map(cpuSeconds).reduce((a, b) => a + b)]))
  const before = used()
  const { problems, firstProblem, records: _, ...result } = await worker.ask(work)
  const after = used()
  if (problems > 0) throw new Error(`${name}: ${problems} wrong answers, the first: ${firstProblem}`)
  const each = (part, count) => ((after[part] - before[part]) / count) * 1e6
  const messages = result.sent ?? result.answers
  return {
    ...result,
    microsecondsEach: each('servers', result.answers),
    serversEach: each('servers', messages),
    databaseEach: each('database', messages),
    redisEach: each('redis', messages),
    proxyEach: each('proxy', messages),
  }
}

async function joinAll(fleet, size, folder) {
  const people = fleet.people.slice(0, Math.min(size, mostPeople))
  const channel = await openChannel(fleet.port, people)
  const everyone = Array.from({ length: size }, (_, index) => ({
    cookie: people[index % people.length].cookie,
    room: channel,
  }))
  fleet.reader = { ...people[0], conversation: channel }
  fleet.load = await connectAll(fleet, everyone, folder)
}

async function assertAllStored({ name, port, reader, sent }) {
  const { number } = await newestMessage(port, reader)
  if (number !== sent) throw new Error(`${name}: ${sent} messages were sent, ${number} are stored.`)
}

/** An instance that had nothing to do would make two look as cheap as one. */
async function assertShared({ name, loads }) {
  const all = await loads()
  for (const what of ['requests', 'sockets']) {
    const counts = all.map((each) => each[what])
    if (Math.min(...counts) * all.length >= counts.reduce((a, b) => a + b) / 2) continue
    throw new Error(`${name}: the ${what} were not shared: ${counts.join(', ')}.`)
  }
}

const counts = [1, 2, 4, 8, 16, 32, 64]

/** What a message costs with one instance, and what each further one adds to that, for each part. */
function onPaper(results, size) {
  const partOf = (name, part) => median(results.get(name).map((round) => round[part]))
  const line = (part) => {
    const [first, second] = [partOf(one, part), partOf(two, part)]
    return (count) => first + (count - 1) * Math.max(0, second - first)
  }
  const [servers, database, redis] = ['serversEach', 'databaseEach', 'redisEach'].map(line)
  const perCore = (microseconds) => Math.round(1e6 / microseconds)
  return {
    id: 'P10',
    title: `on paper: messages to ${size} members spread over all instances, one at a time, as a straight line through one and two`,
    head: [
      ...['instances', 'servers, CPU µs a message', 'database', 'Redis'],
      ...['messages/s of one core for each instance', 'of one core of the database', 'of the one core of Redis'],
    ],
    cells: counts.map((count) => [
      count,
      ...[servers, database, redis].map((of) => Math.round(of(count))),
      Math.round((count * 1e6) / servers(count)),
      perCore(database(count)),
      perCore(redis(count)),
    ]),
  }
}
