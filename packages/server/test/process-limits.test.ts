import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { platform } from 'node:os'
import { afterEach, expect, it } from 'vitest'
import { endServers, startServer } from './server-process.ts'
import { password } from './test-app.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const crowd: Socket[] = []
afterEach(async () => {
  for (const socket of crowd.splice(0)) socket.destroy()
  agent.destroy()
  await endServers()
})

/** Over the one connection that is kept, or over a new one. */
async function ask(address: string, path: string, body?: object, own: Agent | false = agent): Promise<number> {
  const headers = { 'content-type': 'application/json', origin: address }
  const sent = request(`${address}${path}`, { method: body ? 'POST' : 'GET', agent: own, headers })
  sent.end(body && JSON.stringify(body))
  const [answer] = await once(sent, 'response')
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode
}

const register = (address: string, username: string) =>
  ask(address, '/api/v1/auth/register', { username, email: `${username}@example.com`, password })

it.runIf(platform() === 'linux')(
  'F14: few open files and little memory: who is there is served, who is too many is closed, and all is well afterwards',
  async () => {
    const { address, child } = await startServer({ HOST: '127.0.0.1' }, { openFiles: 256, heap: 256 })
    const { port } = new URL(address)
    expect(await ask(address, '/ready')).toBe(200)
    let closed = 0
    for (let i = 0; i < 400; i++) {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
      socket.on('close', () => closed++)
      crowd.push(socket)
    }
    await expect.poll(() => closed, { timeout: 10_000 }).toBeGreaterThan(150)
    expect(crowd.length - closed).toBeGreaterThan(50)
    // What is loaded at its first use is loaded now, with nobody's connection closed for it.
    expect(await register(address, 'ann-in-a-crowd')).toBe(201)
    await expect(ask(address, '/live', undefined, false)).rejects.toThrow(/ECONNRESET|hang up/)
    for (const socket of crowd.splice(0)) socket.destroy()
    await expect.poll(() => ask(address, '/live', undefined, false).catch(() => 0), { timeout: 10_000 }).toBe(200)
    expect(await register(address, 'ben-afterwards')).toBe(201)
    expect(child.exitCode).toBeNull()
  },
  60_000,
)
