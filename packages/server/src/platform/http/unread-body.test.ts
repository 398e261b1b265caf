import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import Fastify from 'fastify'
import { expect, it } from 'vitest'
import { takeUnreadBodies } from './unread-body.ts'

it.each([
  ['reads nothing of it', async () => {}],
  [
    'stops in the middle',
    async (body: Readable) => {
      for await (const _ of body.iterator({ destroyOnReturn: false })) return
    },
  ],
])('FI3: who is refused by one that %s has an answer, and another on the same connection', async (_name, read) => {
  const app = Fastify({ bodyLimit: 100_000_000 })
  takeUnreadBodies(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x', (_request, payload, done) => done(null, payload))
  app.post('/refuse', async ({ body }, reply) => {
    await read(body as Readable)
    return reply.code(507).send('full')
  })
  app.get('/next', async () => 'served')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }

  const text = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
      if (heard.endsWith('served')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
    const length = 5_000_000
    socket.write(`POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Type: application/x\r\nContent-Length: ${length}\r\n\r\n`)
    socket.write(Buffer.alloc(length))
    socket.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n')
  })
  expect(text).toMatch(/^HTTP\/1\.1 507 .*full.*HTTP\/1\.1 200 .*served$/s)
  await app.close()
})
