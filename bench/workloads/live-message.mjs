// P4 by socket: a message that is stored, acknowledged and delivered, against plain servers that store the same row.
import { inTurn } from '../harness/rounds.mjs'
import { openConversations, register, startAtrium } from '../subjects/atrium.mjs'
import { startChatPeer } from '../subjects/chat-peer.mjs'
import { connectAll } from '../subjects/socket-load.mjs'
import { measure } from './measure.mjs'

const people = 50
const inEachRoom = 2

export async function liveMessage({ builds, folder, options, profile, tell }) {
  const subjects = []
  for (const { name, main } of builds) {
    const server = await startAtrium({ name, main, folder, profile })
    const accounts = await register(server.port, people)
    await openConversations(server.port, accounts)
    const sockets = accounts.map(({ cookie, conversation }) => ({ cookie, room: conversation }))
    subjects.push({ ...server, speaks: 'atrium', sockets })
  }
  for (const kind of ['socket.io', 'ws']) {
    const peer = await startChatPeer({ kind, stores: true, folder })
    const rooms = Array.from({ length: people }, (_, index) => `room${Math.floor(index / inEachRoom)}`)
    subjects.push({ ...peer, sockets: peer.sockets(rooms) })
  }
  for (const subject of subjects) subject.load = await connectAll(subject, subject.sockets, folder)

  const compare = async (title, senders, aim) => {
    const job = { task: 'converse', senders, receivers: inEachRoom, ...options.times }
    const measured = subjects.map(({ name, pid, load }) => ({ name, measure: () => measure(name, [pid], load, job) }))
    return {
      id: 'P4',
      title: `message by socket, stored, answered and delivered to two, SQLite FULL, ${title}`,
      results: await inTurn(measured, { ...options, tell }),
      references: ['plain Socket.IO, row stored', 'plain ws, row stored'],
      target: { reference: 'plain Socket.IO, row stored', ...aim },
    }
  }
  const many = await compare(`${people} senders`, people, { of: 'rate', atLeast: 1 })
  const one = await compare('one sender', 1, { of: 'p50', atMost: 2 })
  for (const each of subjects) {
    await each.load.stop()
    await each.stop()
  }
  return [many, one]
}
