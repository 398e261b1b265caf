import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { newId } from '../ids.ts'
import { DiskStorage } from '../storage/disk-storage.ts'
import { newKey } from '../storage/storage.ts'
import { type BodyTimes, bodyTimes, limitBodyTime } from './body-time.ts'

const times: BodyTimes = { limitMs: 300, isLong: ({ url }) => url === '/files', intervalMs: 300, leastBytes: 1000 }

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
})

async function listen(answer: RequestListener): Promise<number> {
  server = createServer(answer)
  limitBodyTime(server, {}, times)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Says how long the body will be, and sends `step` bytes of it every so often. Resolves to all that came back. */
function drip(port: number, path: string, length: number, step: number, everyMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    let sent = 0
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`)
    const timer = setInterval(() => {
      if (sent < length) socket.write(Buffer.alloc(Math.min(step, length - sent)))
      sent += step
    }, everyMs)
    socket.on('data', (chunk) => {
      text += chunk
      if (text.includes(' 200 ')) socket.end()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(timer)
      resolve(text)
    })
  })
}

const taken: RequestListener = (request, response) => {
  request.on('error', () => {})
  request.resume().on('end', () => response.end('all of it'))
}

describe('M48: a body that comes slowly', () => {
  it.each(['/messages', '/files'])('M48: one byte at a time is cut off with 408: %s', async (path) => {
    const port = await listen(taken)
    const answer = await drip(port, path, 10_000_000_000, 1, 20)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('"code":"request_timeout"')
  })

  it('M48: a file that keeps coming may take longer than any other body', async () => {
    const port = await listen(taken)
    expect(await drip(port, '/files', 60_000, 2_000, 50)).toContain('all of it')
    expect(await drip(port, '/messages', 60_000, 2_000, 50)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('M48: nothing is kept of one that was cut off', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'atrium-slow-'))
    const storage = new DiskStorage(folder)
    let ended: Promise<unknown> = Promise.resolve()
    const port = await listen((request) => {
      ended = storage.put(newKey(newId()), request).catch((error: unknown) => error)
    })
    expect(await drip(port, '/files', 1_000_000, 1, 20)).toMatch(/^HTTP\/1\.1 408 /)
    expect(await ended).toBeInstanceOf(Error)
    expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toEqual([])
    rmSync(folder, { recursive: true })
  })

  it('M48: files are those that may take long', () => {
    const isLong = (url: string) => bodyTimes.isLong({ url } as never)
    expect(['/api/v1/files', '/api/v1/files/tus/1', '/api/v1/users/me/avatar'].map(isLong)).toEqual([true, true, true])
    expect(['/api/v1/filesystem', '/api/v1/auth/login', '/files'].map(isLong)).toEqual([false, false, false])
  })
})
