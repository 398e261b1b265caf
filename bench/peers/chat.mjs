// The usual chat server: who has a token gets in, what one writes goes to the room. KIND=socket.io or ws.
// STORE=sqlite: each message is one row and one durable commit before it is passed on; else none is stored.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { createTokenCheck } from './token.mjs'

const { PORT, KIND, STORE, DATABASE, SECRET } = process.env
const check = createTokenCheck(SECRET)
const store = STORE === 'sqlite' ? await openStore() : () => undefined
const http = createServer((_, response) => response.end('ok'))
if (KIND === 'ws') serveWs()
else await serveSocketIo()
http.listen({ port: Number(PORT), host: '127.0.0.1', backlog: 4096 })
process.on('disconnect', () => process.exit())

async function openStore() {
  const { default: SqliteDatabase } = await import('better-sqlite3')
  const { columns, keys, messageRow } = await import('./message-rows.mjs')
  const db = new SqliteDatabase(DATABASE)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(`create table messages(${columns.join(', ')}, ${keys})`)
  const insert = db.prepare(`insert into messages values(${columns.map(() => '?')})`)
  let number = 0
  return (text) => {
    const row = messageRow(++number)
    row[columns.indexOf('text')] = text
    insert.run(row)
  }
}

const messageOf = ({ room, text, name }, from) => ({ room, name, from, text, at: new Date().toISOString() })

async function serveSocketIo() {
  const { Server } = await import('socket.io')
  const io = new Server(http, { serveClient: false })
  io.use((socket, next) => {
    try {
      socket.data = check(socket.request.headers.cookie)
      next()
    } catch (error) {
      next(error)
    }
  })
  io.on('connection', (socket) => {
    const { sub, room } = socket.data
    socket.join(room)
    socket.on('send', (message, answer) => {
      store(message.text)
      io.to(message.room).emit('message', messageOf(message, sub))
      answer({ ok: true })
    })
  })
}

function serveWs() {
  // The one that Socket.IO uses, too.
  const { WebSocketServer } = createRequire(import.meta.resolve('engine.io'))('ws')
  const server = new WebSocketServer({ noServer: true, clientTracking: false })
  const rooms = new Map()
  http.on('upgrade', (request, socket, head) => {
    let claims
    try {
      claims = check(request.headers.cookie)
    } catch {
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      return
    }
    server.handleUpgrade(request, socket, head, (client) => enter(client, claims))
  })
  const enter = (client, { sub, room }) => {
    const others = rooms.get(room) ?? new Set()
    rooms.set(room, others.add(client))
    client.on('close', () => others.delete(client))
    client.on('error', () => {})
    client.on('message', (bytes) => {
      const message = JSON.parse(bytes)
      store(message.text)
      const text = JSON.stringify({ kind: 'message', ...messageOf(message, sub) })
      for (const other of rooms.get(message.room)) if (other.readyState === 1) other.send(text)
      client.send('{"kind":"ack","ok":true}')
    })
    client.send('{"kind":"joined"}')
  }
}
