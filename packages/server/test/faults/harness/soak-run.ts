import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { type Engine, Installation } from './installation.ts'
import { ask, type Person, readMessages, registerAll, signIn } from './person.ts'
import type { ServerProcess } from './server-process.ts'
import { pause, until } from './waiting.ts'

interface SoakOptions {
  engine: Engine
  seconds: number
  /** Waits until clients have let go of the connections they keep. */
  isPatient: boolean
  /** Sent before anything is measured, so that what the database keeps in memory is full. */
  warmMessages: number
}

export interface SoakFindings {
  /** Rounds of signing in, connecting, sending, reading and leaving. */
  rounds: number
  /** What went wrong in them. */
  failures: string[]
  /** Ends of the server, and lines of its log or warnings of its runtime that nobody should see. */
  complaints: string[]
  samples: Sample[]
  /** The most it held at any moment, with people in it. */
  mostMb: number
  /** Open files and connections while nobody is there, before and after. */
  handles: { before: number; after: number }
}

/** While nobody is there and after a collection of garbage: a password that is being hashed takes 64 MB for a moment. */
interface Sample {
  seconds: number
  residentMb: number
  heapMb: number
}

const clients = 4
const sampleMs = 30_000
const glanceMs = 2_000
/**
 * A round begins so often for each client, however busy the machine is: what is kept of each sign-in for ten minutes (600
 * bytes, for the token that was verified) grows and shrinks with the pace.
 */
const paceMs = 2_000
const answerMs = 20_000
/** Longer than a connection is kept for a next request. */
const idleLimitMs = 100_000
/** Those that clients keep for their next request; what piles up is more. */
export const keptConnections = 2 * clients

/** People who come and go for so long. Nothing of what they leave behind may pile up in the server. */
export async function runSoak(options: SoakOptions): Promise<SoakFindings> {
  const { engine, seconds, isPatient, warmMessages } = options
  const folder = mkdtempSync(join(tmpdir(), 'atrium-soak-'))
  const logFile = join(folder, 'server.log')
  const installation = await Installation.start(engine, { logFile })
  try {
    const [server] = installation.nodes as [ServerProcess]
    const people = await registerAll(installation.origin, clients)
    await fillMemory(installation.origin, people, warmMessages)
    const failures: string[] = []
    let rounds = 0
    let running = 0
    let rest = Promise.resolve()
    const round = async (index: number) => {
      await rest
      running++
      const [person, other] = [people[index], people[(index + 1) % clients]] as [Person, Person]
      await comeAndGo(installation.origin, person, other, `${index}-${rounds}`)
        .then(
          () => rounds++,
          (error: unknown) => failures.push(String(error)),
        )
        .finally(() => running--)
    }
    // What is loaded and opened at the first use belongs to no round.
    for (let index = 0; index < clients; index++) await round(index)
    const before = await settled(server, Number.POSITIVE_INFINITY)

    const began = performance.now()
    const elapsed = () => (performance.now() - began) / 1000
    const samples: Sample[] = []
    let mostMb = 0
    const glancing = setInterval(() => {
      mostMb = Math.max(mostMb, server.residentMb)
    }, glanceMs)
    const look = async () => {
      const pausing = Promise.withResolvers<void>()
      rest = pausing.promise
      const isQuiet = () => running === 0
      await until(isQuiet, 60_000, () => 'somebody does not come back')
      samples.push({ seconds: elapsed(), ...(await server.heldMemory()) })
      pausing.resolve()
    }
    const looking = async () => {
      while (elapsed() < seconds) {
        await look()
        await pause(Math.min(sampleMs, (seconds * 1000) / 2))
      }
    }
    const walk = async (index: number) => {
      while (elapsed() < seconds) {
        const nextMs = elapsed() * 1000 + paceMs
        await round(index)
        await pause(Math.max(0, nextMs - elapsed() * 1000))
      }
    }
    await Promise.all([looking(), ...people.map((_, index) => walk(index))]).finally(() => clearInterval(glancing))
    const after = await settled(server, isPatient ? before : before + keptConnections)
    const { code } = await server.stop()
    const complaints = [...installation.surprises, ...warningsIn(`${readFileSync(logFile, 'utf8')}\n${server.output}`)]
    if (code !== 0) complaints.push(`The server ended with ${code}.`)
    return { rounds, failures, complaints, samples, mostMb, handles: { before, after } }
  } finally {
    await installation.drop()
    rmSync(folder, { recursive: true })
  }
}

/** Both connections of a file of SQLite keep 16 MB of it each: what is written, and what is read again. */
async function fillMemory(origin: string, people: readonly Person[], messages: number): Promise<void> {
  if (messages === 0) return
  const [person, other] = people as [Person, Person]
  const conversation = await conversationWith(origin, person, other)
  let sent = 0
  const send = async () => {
    for (let number = sent++; number < messages; number = sent++) {
      const body = { client_id: `warm-${number}`, text: `message ${number}, ${'which is somewhat longer '.repeat(12)}` }
      await expectStatus(201, ask(origin, `/conversations/${conversation}/messages`, { token: person.token, body }))
    }
  }
  await Promise.all(Array.from({ length: 16 }, send))
  await readMessages(origin, person, conversation)
}

/** The number of its handles once it is down to that, or after a while. */
async function settled(server: ServerProcess, wanted: number): Promise<number> {
  await until(
    () => server.handles <= wanted,
    idleLimitMs,
    () => 'more',
    100,
  ).catch(() => {})
  return server.handles
}

const warningsIn = (output: string) =>
  output.split('\n').filter((line) => /"level":"(error|fatal)"|unhandled|Warning:/i.test(line))

async function comeAndGo(origin: string, { name }: Person, other: Person, key: string): Promise<void> {
  const person = await patientSignIn(origin, name)
  const { token } = person
  const conversation = await conversationWith(origin, person, other)
  const socket = io(origin, { transports: ['websocket'], auth: { token }, reconnection: false, forceNew: true })
  try {
    await readiness(socket)
    const draft = { conversation_id: conversation, client_id: `socket-${key}`, text: 'by socket' }
    const answer = await socket.timeout(answerMs).emitWithAck('message.send', draft)
    if (!answer.ok) throw new Error(`message.send: ${answer.error.code}`)
    const body = { client_id: `rest-${key}`, text: 'over REST' }
    await expectStatus(201, ask(origin, `/conversations/${conversation}/messages`, { token, body }))
    await expectStatus(200, ask(origin, `/conversations/${conversation}/messages`, { token }))
    await expectStatus(200, ask(origin, '/auth/logout', { token, body: {} }))
    await until(
      () => !socket.connected,
      answerMs,
      () => 'the socket outlives its session',
    )
  } finally {
    socket.disconnect()
  }
}

/** As an app does that is told to try again, where others use the processor. */
async function patientSignIn(origin: string, name: string): Promise<Person> {
  for (let tries = 1; ; tries++) {
    try {
      return await signIn(origin, name)
    } catch (error) {
      if (tries === 5 || !String(error).includes('"busy"')) throw error
      await pause(2_000)
    }
  }
}

/** Asked for anew each time: there is one of two people. */
async function conversationWith(origin: string, person: Person, other: Person): Promise<string> {
  const body = { kind: 'direct', member_ids: [other.id] }
  const { status, json } = await ask(origin, '/conversations', { token: person.token, body })
  if (status === 200 || status === 201) return json.id
  throw new Error(`/conversations: ${status} ${json.code}`)
}

const readiness = (socket: Socket) =>
  new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('session.ready did not come')), answerMs)
    socket.once('session.ready', () => {
      clearTimeout(late)
      resolve()
    })
    socket.once('connect_error', reject)
  })

async function expectStatus(wanted: number, answer: ReturnType<typeof ask>): Promise<void> {
  const { status, json } = await answer
  if (status !== wanted) throw new Error(`${status} ${json.code}`)
}

/** By how much it grows in ten minutes, in thousandths of what it was: the straight line nearest to all samples. */
export function growthPermille(samples: readonly Sample[], what: 'residentMb' | 'heapMb'): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(samples.map(({ seconds }) => seconds))
  const y = mean(samples.map((each) => each[what]))
  const slope =
    mean(samples.map((each) => (each.seconds - x) * (each[what] - y))) /
    mean(samples.map((each) => (each.seconds - x) ** 2))
  return (slope * 600 * 1000) / y
}
