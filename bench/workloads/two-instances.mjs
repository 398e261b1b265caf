// P10: what a request and a delivery cost where two instances share the work; each installation is behind an nginx and has a
// PostgreSQL and a Redis of its own. From it follows, as a straight line, what many instances would cost.
//
// Two busy processes on one core push each other out of its caches, whoever they are: each costs up to twice as much as
// alone. So the reference is two installations of one instance that know nothing of each other and share the same core
// and load. What is left between them and two instances of one installation is what the instances owe to each other.
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
const [alone, apart, two] = ['one instance', 'two installations of one', 'two instances']
const target = { reference: apart, of: 'microsecondsEach', atMost: 1.25 }
const columns = {
  microsecondsEach: 'server CPU µs each, median (min–max)',
  databaseEach: 'database, CPU µs a request or message',
  redisEach: 'Redis',
  proxyEach: 'nginx',
  rate: 'per second',
}

/** Nothing where one of the engines is missing. */
export async function twoInstances(context) {
  const { builds, folder, load, options, profile, tell } = context
  const isMissing = ['postgres', 'redis', 'nginx'].filter((kind) => !isInstalled(kind, tell)).length > 0
  if (isMissing) return []
  const size = Math.min(...context.sockets)
  const fleets = []
  for (const count of [1, 1, 2]) {
    const fleet = await startFleet({ main: builds[0].main, count, folder, profile, sockets: size })
    const people = await register(fleet.port, Math.max(senders, Math.min(size, mostPeople)))
    await openConversations(fleet.port, people)
    fleets.push({ ...fleet, people, sent: 0 })
  }
  const [first, second, pair] = fleets
  const subjects = [
    { name: alone, fleets: [first] },
    { name: apart, fleets: [first, second] },
    { name: two, fleets: [pair] },
  ]
  const compare = async (title, work) => {
    await warmUp(subjects, work)
    const measured = subjects.map((subject) => ({ name: subject.name, measure: () => work(subject) }))
    const results = await inTurn(measured, { ...options, tell, of: 'microsecondsEach', unit: ' µs' })
    return {
      id: 'P10',
      title: `${title}, PostgreSQL and Redis, behind nginx`,
      results,
      columns,
      references: [alone, apart],
      target,
    }
  }
  const ask = (script, connections) => (subject) => {
    const sites = subject.fleets.map(({ port, people }) => ({ port, people }))
    return watched(subject, load, { script, connections, ...options.times, sites })
  }
  const conclusions = [
    await compare(`authenticated read, ${connections} connections`, ask('readOwnAccount', connections)),
    await compare(`sending over HTTP, ${senders} senders`, ask('sendMessages', senders)),
  ]
  const sockets = await joinAll([first, second], size, folder)
  const socketsOf = { [alone]: sockets, [apart]: sockets, [two]: await joinAll([pair], size, folder) }
  for (const [burst, way] of [
    [4, 'bursts of four for each instance'],
    [1, 'one message at a time for each instance'],
  ]) {
    const fanOut = async (subject) => {
      const rooms = subject.fleets.map(({ room }) => room)
      const job = { task: 'fanOut', burst: burst * subject.fleets[0].pids.servers.length, rooms, ...options.times }
      const { sentTo, ...result } = await watched(subject, socketsOf[subject.name], job)
      for (const fleet of subject.fleets) fleet.sent += sentTo[fleet.room]
      return result
    }
    conclusions.push(await compare(`a delivery to one of ${size} sockets, ${way}`, fanOut))
  }
  for (const fleet of fleets) {
    await assertAllStored(fleet)
    await assertShared(fleet)
  }
  for (const each of new Set(Object.values(socketsOf))) await each.stop()
  for (const fleet of fleets) await fleet.stop()
  return [...conclusions, onPaper(conclusions.at(-1).results, size)]
}

/** Each process compiles what it runs often, which two do twice; a second of it would be told as what an answer costs. */
async function warmUp(subjects, work) {
  for (let time = 0; time < 4; time++) for (const subject of subjects.slice(1)) await work(subject)
}

/** As `measure`, with the processor time of each part apart: servers for each answer, the others for each message. */
async function watched({ name, fleets }, worker, work) {
  const usedBy = (part) => fleets.flatMap(({ pids }) => pids[part].map(cpuSeconds)).reduce((a, b) => a + b)
  const used = () => Object.fromEntries(Object.keys(fleets[0].pids).map((part) => [part, usedBy(part)]))
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

/** A load of its own, with `size` sockets in one room of each installation. */
async function joinAll(fleets, size, folder) {
  const everyone = []
  for (const fleet of fleets) {
    const people = fleet.people.slice(0, Math.min(size, mostPeople))
    fleet.room = await openChannel(fleet.port, people)
    for (let index = 0; index < size; index++) {
      everyone.push({ cookie: people[index % people.length].cookie, room: fleet.room, port: fleet.port })
    }
  }
  return await connectAll(fleets[0], everyone, folder)
}

async function assertAllStored({ name, port, people, room, sent }) {
  const { number } = await newestMessage(port, { ...people[0], conversation: room })
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

/** What a message costs with one instance on a shared core, and what each further one adds to that, for each part. */
function onPaper(results, size) {
  const partOf = (name, part) => median(results.get(name).map((round) => round[part]))
  const line = (part) => {
    const [first, second] = [partOf(apart, part), partOf(two, part)]
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
