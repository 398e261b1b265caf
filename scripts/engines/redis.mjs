import { randomBytes } from 'node:crypto'
import { chownSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findProgram } from '../setup/programs.mjs'
import { freePort, requireVersion } from './process.mjs'

/** Sends the commands over a connection of their own and returns all answers as one text. */
function talk(port, commands) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${[...commands, 'QUIT'].join('\r\n')}\r\n`))
    let text = ''
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer within 5 s')))
    socket.on('data', (chunk) => (text += chunk))
    socket.once('error', reject)
    socket.once('close', () => resolve(text))
  })
}

export async function startRedis(engine) {
  const password = randomBytes(12).toString('hex')
  const port = await freePort()
  const config = join(engine.folder, 'redis.conf')
  // In a file and not in the arguments, where every user of the machine could read the password.
  const settings = ['bind 127.0.0.1', `port ${port}`, `dir ${engine.folder}`, `requirepass ${password}`]
  writeFileSync(config, `${settings.join('\n')}\n`, { mode: 0o600 })
  if (engine.user.uid !== undefined) chownSync(config, engine.user.uid, engine.user.gid)
  engine.start(findProgram('redis-server'), [config])

  const answer = await engine.answer(async () => {
    const text = await talk(port, [`AUTH ${password}`, 'PING', 'INFO server'])
    if (!text.includes('+PONG')) throw new Error(`unexpected answer ${JSON.stringify(text.slice(0, 100))}`)
    return text
  })
  requireVersion('Redis', /redis_version:(\S+)/.exec(answer)[1], '7')
  return `redis://:${password}@127.0.0.1:${port}`
}
