import { io, type Socket } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { percentile, report } from './harness/evidence.ts'
import { engines, Installation, isFull } from './harness/installation.ts'
import { type Person, registerAll, signIn } from './harness/person.ts'
import type { ServerProcess } from './harness/server-process.ts'
import { pause, until } from './harness/waiting.ts'

const some = isFull ? engines : engines.slice(0, 1)
const people = isFull ? 50 : 10
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

describe.each(some)('F18 on %s', (engine) => {
  it('when all sockets come back at once all get in, and signing in goes on', async () => {
    const installation = await Installation.start(engine)
    const sockets: Socket[] = []
    try {
      const { origin } = installation
      const [server] = installation.nodes as [ServerProcess]
      const crowd = await registerAll(origin, people)
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
      const logins: number[] = []
      let isOver = false
      const signingIn = (async () => {
        while (!isOver) {
          const began = performance.now()
          await signIn(origin, crowd[0]?.name ?? '')
          logins.push(performance.now() - began)
        }
      })()
      const backMs = await until(areIn, 60_000, complaint)
      isOver = true
      await signingIn
      const figures = {
        sockets: sockets.length,
        back_ms: backMs,
        logins: logins.length,
        login_p95_ms: percentile(logins, 0.95),
        resident_mb: server.residentMb,
      }
      report(`F18 ${engine}`, figures)
      expect(figures.back_ms).toBeLessThan(30_000)
      expect(figures.login_p95_ms).toBeLessThan(2_000)
      expect(figures.resident_mb).toBeLessThan(700)
      expect(installation.surprises).toEqual([])
    } finally {
      for (const socket of sockets) socket.close()
      await installation.drop()
    }
  })
})
