// What telling a room costs the processor for each socket, without the rest of a server: our way beside plain Socket.IO's.
// `node bench/telling.mjs [sockets] [turns]`; the sockets are in a process of their own. Processor time is steadier than
// rates where others use the machine.
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { FanOut } from '../packages/server/src/platform/realtime/fan-out.ts'
import { SocketClient } from './load/socket-client.mjs'

const [sockets, turns] = [Number(process.argv[2] ?? 300), Number(process.argv[3] ?? 200)]
if (process.send) await listen(sockets, Number(process.env.PORT))
else await compare()

/** As many clients; answers how many events they have heard whenever it is asked. */
async function listen(count, port) {
  const code = (character) => character.charCodeAt(0)
  let heard = 0
  const onText = (client, bytes, from) => {
    const [first, second] = [bytes[from], bytes[from + 1]]
    if (first === code('0')) client.send('40')
    else if (first === code('2')) client.send('3')
    else if (first === code('4') && second === code('0')) client.enter()
    else heard++
  }
  const path = '/socket.io/?EIO=4&transport=websocket'
  for (let index = 0; index < count; index++) await new SocketClient({ port, path, cookie: 'a=b', onText }).ready
  process.on('message', () => process.send(heard))
  process.on('disconnect', () => process.exit())
  process.send('ready')
}

async function compare() {
  const { Server } = await import('socket.io')
  const http = createServer()
  const server = new Server(http, { serveClient: false })
  const fanOut = new FanOut(server.of('/'))
  server.on('connection', (socket) => socket.join('room'))
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  const env = { ...process.env, PORT: String(http.address().port) }
  const load = fork(import.meta.filename, [String(sockets)], { env })
  const answer = () => new Promise((resolve) => load.once('message', resolve))
  await answer()
  const heard = () => {
    load.send('heard?')
    return answer()
  }

  const ways = {
    'plain Socket.IO': (event) => server.to('room').emit('message.created', event),
    Atrium: (event) => fanOut.toRoom('room', [], 'message.created', event),
  }
  const event = { stream: 'conversation:x', seq: 1, type: 'message.created', data: { text: 'y'.repeat(500) } }
  let told = 0
  for (const burst of [4, 1]) {
    // The first of three rounds warms up.
    for (const round of [0, 1, 2]) {
      for (const [name, tell] of Object.entries(ways)) {
        const before = process.cpuUsage()
        for (let turn = 1; turn <= turns; turn++) {
          for (let index = 0; index < burst; index++) tell(event)
          told += burst * sockets
          await new Promise(setImmediate)
          // What is on its way must not pile up.
          if (turn % 4 === 0 || turn === turns) while ((await heard()) < told) await pause(1)
        }
        const { user, system } = process.cpuUsage(before)
        const each = (user + system) / (turns * burst * sockets)
        if (round > 0)
          console.log(`${name}, ${burst} in a turn to ${sockets}: ${each.toFixed(2)} µs of processor a delivery`)
      }
    }
  }
  process.exit()
}
