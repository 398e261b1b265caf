import { io, type Socket } from 'socket.io-client'
import { describe, expect } from 'vitest'
import { percentile } from './harness/evidence.ts'
import { type Engine, engines, Installation, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'
import { type Person, registerAll, signIn } from './harness/person.ts'
import type { ServerProcess } from './harness/server-process.ts'
import { pause, until } from './harness/waiting.ts'

const some = isFull ? engines : engines.slice(0, 1)
const countOf = (engine: Engine) => (isFull ? (engine === 'sqlite' ? 500 : 1_000) : 100)
/** As many as a person may have. */
const socketsEach = 10

/** Comes back by itself, as an app does; when it is told to wait, it waits. */
function appSocket(origin: string, { token }: Person): Socket {
  const socket = io(origin, { transports: ['websocket'], forceNew: true, auth: { token }, reconnectionDelayMax: 3_000 })
  const later = () => setTimeout(() => socket.active || socket.connect(), 500 + Math.random() * 2_000)
  socket.on('connect_error', later)
  socket.on('disconnect', (reason) => reason === 'io client disconnect' || later())
  return socket
}

/** Somebody who signs in again and again, one time after the other. */
async function signInUntil(isOver: () => boolean, origin: string, name: string) {
  const times: number[] = []
  let failed = 0
  while (!isOver()) {
    const began = performance.now()
    await signIn(origin, name).catch(() => failed++)
    times.push(performance.now() - began)
  }
  return { times, failed }
}

describe.each(some)('%s', (engine) => {
  row('F18', engine, 'when all sockets come back at once all get in, and signing in goes on', async (tell) => {
    const installation = await Installation.start(engine)
    const sockets: Socket[] = []
    try {
      const { origin } = installation
      const [server] = installation.nodes as [ServerProcess]
      const crowd = await registerAll(origin, countOf(engine) / socketsEach)
      for (const person of crowd) {
        for (let index = 0; index < socketsEach; index++) sockets.push(appSocket(origin, person))
        await pause(50)
      }
      const areIn = () => sockets.every((socket) => socket.connected)
      const complaint = () => `${sockets.filter((socket) => !socket.connected).length} sockets are not in`
      await until(areIn, 60_000, complaint)

      await server.kill()
      await until(
        () => sockets.every((socket) => !socket.connected),
        10_000,
        () => 'a socket outlived its server',
      )
      await server.start()
      let isOver = false
      const signingIn = signInUntil(() => isOver, origin, crowd[0]?.name ?? '')
      const backMs = await until(areIn, 60_000, complaint)
      isOver = true
      const { times, failed } = await signingIn
      const figures = {
        sockets: sockets.length,
        back_ms: backMs,
        logins: times.length,
        login_p95_ms: percentile(times, 0.95),
        logins_failed: failed,
        resident_mb: server.residentMb,
      }
      tell(figures)
      expect.soft(figures.back_ms).toBeLessThan(30_000)
      expect.soft(figures.login_p95_ms).toBeLessThan(2_000)
      expect.soft(figures.logins_failed / figures.logins).toBeLessThan(0.01)
      expect.soft(figures.resident_mb).toBeLessThan(700)
      expect(installation.surprises).toEqual([])
    } finally {
      for (const socket of sockets) socket.close()
      await installation.drop()
    }
  })
})
