// P3: one message to everyone in a room, against the plain servers that people would otherwise take.
import { inTurn } from '../harness/rounds.mjs'
import { newestMessage, openChannel, register, startAtrium } from '../subjects/atrium.mjs'
import { startChatPeer } from '../subjects/chat-peer.mjs'
import { connectAll } from '../subjects/socket-load.mjs'
import { measure } from './measure.mjs'

/** Each may have ten sockets, and most people have one. */
const mostPeople = 500
const room = 'everyone'
const ways = [
  { burst: 4, title: 'bursts of four', atLeast: 3 },
  { burst: 1, title: 'one message at a time', atLeast: 1 },
]

export async function fanOut(context) {
  const conclusions = []
  for (const size of context.sockets) conclusions.push(...(await toMany(context, size)))
  return conclusions
}

async function toMany({ builds, folder, options, profile, tell }, size) {
  const subjects = []
  for (const { name, main } of builds) {
    const server = await startAtrium({ name, main, folder, profile, sockets: size })
    const people = await register(server.port, Math.min(size, mostPeople))
    const channel = await openChannel(server.port, people)
    const sockets = Array.from({ length: size }, (_, index) => ({
      cookie: people[index % people.length].cookie,
      room: channel,
    }))
    subjects.push({ ...server, speaks: 'atrium', sockets, sent: 0, reader: { ...people[0], conversation: channel } })
  }
  for (const stores of [false, true]) {
    for (const kind of ['socket.io', 'ws']) {
      const peer = await startChatPeer({ kind, stores, folder })
      subjects.push({ ...peer, sockets: peer.sockets(Array(size).fill(room)) })
    }
  }
  for (const subject of subjects) {
    subject.load = await connectAll(subject, subject.sockets, folder)
    tell(`  ${subject.name}: ${size} sockets`)
  }
  const conclusions = []
  for (const { burst, title, atLeast } of ways) {
    const measured = subjects.map((subject) => ({
      name: subject.name,
      measure: async () => {
        const job = { task: 'fanOut', burst, ...options.times }
        const { sent, ...result } = await measure(subject.name, [subject.pid], subject.load, job)
        subject.sent += sent
        return result
      },
    }))
    const results = await inTurn(measured, { ...options, tell })
    conclusions.push({
      id: 'P3',
      title: `deliveries to ${size.toLocaleString('en')} sockets, ${title}`,
      results,
      references: ['plain Socket.IO', 'plain ws', 'plain Socket.IO, row stored', 'plain ws, row stored'],
      target: { reference: 'plain Socket.IO', of: 'rate', atLeast },
    })
  }
  for (const subject of subjects) {
    if (subject.reader) await assertAllStored(subject)
    await subject.load.stop()
    await subject.stop()
  }
  return conclusions
}

async function assertAllStored({ name, port, reader, sent }) {
  const { number } = await newestMessage(port, reader)
  if (number !== sent) throw new Error(`${name}: ${sent} messages were sent, ${number} are stored.`)
}
