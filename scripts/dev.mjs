// `npm run dev`: the server restarted on each change, and Vite's server for the web app beside it. Ctrl-C ends both.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cloneNode } from './setup/node.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const web = join(root, 'packages/web')
const origin = 'http://localhost:5173'

const children = []
function start(args, options) {
  const child = spawn(cloneNode(root), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options })
  children.push(child)
  child.once('exit', (code) => stop(code ?? 0))
}

/** Whichever ends first takes the other with it. */
function stop(code) {
  process.exitCode ??= code
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
}
process.on('SIGINT', () => stop(0)).on('SIGTERM', () => stop(0))

// Modules of one's own import the server that runs, not the one that was built.
start(['--conditions=atrium-source', '--watch', '--watch-preserve-output', join(root, 'packages/server/src/main.ts')], {
  env: { ...process.env, ALLOWED_ORIGINS: process.env.ALLOWED_ORIGINS ?? origin },
})
if (existsSync(join(web, 'index.html'))) {
  start([join(root, 'node_modules/vite/bin/vite.js'), '--port', '5173', '--strictPort'], { cwd: web })
}
