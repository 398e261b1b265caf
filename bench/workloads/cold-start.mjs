// P7: a built server that was set up before, from its process to its first good answer, against bare Fastify.
import { inTurn } from '../harness/rounds.mjs'
import { restarted } from './restarted.mjs'

const mostOfBareFastify = 3

export async function coldStart({ builds, folder, options, tell }) {
  const measured = (await restarted(builds, folder)).map(({ name, start }) => ({
    name,
    measure: async () => {
      const server = await start()
      await server.stop()
      return server.start
    },
  }))
  return {
    id: 'P7',
    title: 'cold start, to the first answer',
    results: await inTurn(measured, { ...options, tell, of: 'ms', unit: ' ms' }),
    columns: { ms: 'ms, median (min–max)', cpuMs: 'CPU ms' },
    references: ['bare Fastify'],
    target: { reference: 'bare Fastify', of: 'ms', atMost: mostOfBareFastify, alone: { atMost: 500, unit: 'ms' } },
  }
}
