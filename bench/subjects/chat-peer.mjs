import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '../../scripts/engines/process.mjs'
import { PinnedProcess } from '../harness/processes.mjs'
import { tokenCookie } from '../peers/token.mjs'

const startLimitMs = 20_000

/** A plain chat server; `kind` is socket.io or ws. With `stores` each message is a row and a commit of its own. */
export async function startChatPeer({ kind, stores = false, folder }) {
  const name = `${kind === 'ws' ? 'plain ws' : 'plain Socket.IO'}${stores ? ', row stored' : ''}`
  const [secret, port] = [randomBytes(32).toString('base64url'), await freePort()]
  const file = join(folder, `${kind}-${port}`)
  const server = new PinnedProcess(name, {
    core: 'server',
    args: [join(import.meta.dirname, '../peers/chat.mjs')],
    log: `${file}.log`,
    talks: true,
    env: {
      PORT: String(port),
      KIND: kind,
      STORE: stores ? 'sqlite' : '',
      DATABASE: `${file}.db`,
      SECRET: secret,
      NODE_ENV: 'production',
    },
  })
  await server.orFailure(untilAnswers(port), startLimitMs)
  const sockets = (rooms) =>
    rooms.map((room, index) => ({ cookie: tokenCookie({ sub: `person${index}`, room }, secret), room }))
  return { name, port, speaks: kind, pid: server.pid, sockets, stop: () => server.stop() }
}

async function untilAnswers(port) {
  while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.ok) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
