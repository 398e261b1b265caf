import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Link } from './harness/link.ts'

// A connection in which bytes change places is broken in a way that no network breaks one.
it('a link that is slower and faster in turn carries everything in order', async () => {
  const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const link = await Link.to(`tcp://127.0.0.1:${(echo.address() as AddressInfo).port}`)
  const { hostname, port } = new URL(link.url('tcp://127.0.0.1:1'))
  const socket = connect(Number(port), hostname).setNoDelay(true)
  const pieces = Array.from({ length: 3_000 }, (_, index) => `${index};`)
  const whole = pieces.join('')
  let heard = ''
  socket.on('data', (data) => {
    heard += data.toString()
  })
  for (const [index, piece] of pieces.entries()) {
    link.delayMs = (index * 7) % 5
    socket.write(piece)
    await nextTurn()
  }
  while (heard.length < whole.length) await once(socket, 'data')
  expect(heard).toBe(whole)
  socket.destroy()
  await link.close()
  echo.close()
})
