// Starts a built server once, on an empty data folder, so that the code it compiles is kept beside it (dist/.compiled):
// `node scripts/warm-server.mjs packages/server/dist/main.js`. Later starts use it, also where they may write nothing.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const limitMs = 60_000

/** What was compiled is of use to the same release of Node only. Without it a start takes longer, and that is all. */
export async function warm(main) {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-first-start-'))
  const server = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, DATA_DIR: folder, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'fatal' },
  })
  const timer = setTimeout(() => server.kill('SIGKILL'), limitMs)
  try {
    let output = ''
    for await (const chunk of server.stdout) {
      output += chunk
      const address = /http:\/\/localhost:\d+/.exec(output)?.[0]
      if (!address) continue
      for (const path of ['/', '/ready']) await fetch(address + path).then((answer) => answer.text())
      server.kill('SIGTERM')
      break
    }
    await new Promise((done) => (server.exitCode === null ? server.once('exit', done) : done()))
  } catch (error) {
    console.warn(`Note: the first start was not made ahead (${error.message}).`)
    server.kill('SIGKILL')
  } finally {
    clearTimeout(timer)
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) await warm(resolve(process.argv[2]))
