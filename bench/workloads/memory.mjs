// P6: what a server takes of the memory when nobody asks, and for each socket that is connected and signed in.

import { proportionalKib } from '../harness/machine.mjs'
import { inTurn } from '../harness/rounds.mjs'
import { openChannel, register, startAtrium } from '../subjects/atrium.mjs'
import { startChatPeer } from '../subjects/chat-peer.mjs'
import { connectAll } from '../subjects/socket-load.mjs'
import { restarted } from './restarted.mjs'

const mostPeople = 500
/** What starting and connecting leave behind is swept up meanwhile. */
const settleMs = 4_000
const room = 'everyone'
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export async function memory(context) {
  const conclusions = [await whileIdle(context)]
  for (const size of context.sockets) conclusions.push(await ofSockets(context, size))
  return conclusions
}

/** 80 MiB are 1.6 times what bare Fastify took where that was set. */
const mostOfBareFastify = 1.6

async function whileIdle({ builds, folder, options, tell }) {
  const starters = await restarted(builds, folder)
  const measured = starters.map(({ name, start }) => ({
    name,
    measure: async () => {
      const server = await start()
      await pause(settleMs)
      const idle = proportionalKib(server.pid) / 1024
      await server.stop()
      return { idle }
    },
  }))
  return {
    id: 'P6',
    title: 'memory (PSS) of a server that has just started',
    results: await inTurn(measured, { ...options, tell, of: 'idle', unit: ' MiB' }),
    columns: { idle: 'idle, MiB' },
    references: ['bare Fastify'],
    target: { reference: 'bare Fastify', of: 'idle', atMost: mostOfBareFastify, alone: { atMost: 80, unit: 'MiB' } },
  }
}

async function ofSockets({ builds, folder, options, profile, tell }, size) {
  const starters = []
  for (const build of builds) starters.push(await atriumWithPeople({ ...build, folder, profile }, size))
  for (const kind of ['socket.io', 'ws']) {
    const start = async () => {
      const server = await startChatPeer({ kind, folder })
      return { ...server, people: server.sockets(Array(size).fill(room)) }
    }
    starters.push({ name: kind === 'ws' ? 'plain ws' : 'plain Socket.IO', start })
  }
  const measured = starters.map(({ name, start }) => ({
    name,
    measure: async () => {
      const server = await start()
      await pause(settleMs)
      const idle = proportionalKib(server.pid)
      const load = await connectAll(server, server.people, folder)
      await pause(settleMs)
      const full = proportionalKib(server.pid)
      await load.stop()
      await server.stop()
      return { perSocket: (full - idle) / size, idle: idle / 1024, full: full / 1024 }
    },
  }))
  const results = await inTurn(measured, { ...options, tell, of: 'perSocket', unit: ' KiB a socket' })
  return {
    id: 'P6',
    title: `memory (PSS) with ${size.toLocaleString('en')} sockets`,
    results,
    columns: { perSocket: 'KiB a socket', idle: 'idle, MiB', full: 'with all sockets, MiB' },
    references: ['plain Socket.IO', 'plain ws'],
    target: { reference: 'plain Socket.IO', of: 'perSocket', atMost: 1.2 },
  }
}

/** People register once; each measurement has a process of its own, in which nothing was done yet. */
async function atriumWithPeople({ name, main, folder, profile }, size) {
  const first = await startAtrium({ name, main, folder })
  const people = await register(first.port, Math.min(size, mostPeople))
  const channel = await openChannel(first.port, people)
  await first.stop()
  const sockets = Array.from({ length: size }, (_, index) => ({
    cookie: people[index % people.length].cookie,
    room: channel,
  }))
  const start = async () => {
    const server = await startAtrium({ name, main, folder, profile, dataDir: first.dataDir, sockets: size })
    return { ...server, speaks: 'atrium', people: sockets }
  }
  return { name, start }
}
