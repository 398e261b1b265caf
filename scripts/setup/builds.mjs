// Builds the server, the client and the web app, each only when something it is made from has changed.
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint, isFresh, writeStamp } from './fingerprint.mjs'
import { cloneNode } from './node.mjs'

const builds = [
  {
    name: 'server',
    folder: 'packages/server',
    inputs: [
      'packages/server/src',
      'packages/server/package.json',
      'scripts/bundle-server.mjs',
      'scripts/warm-server.mjs',
      'package-lock.json',
    ],
    command: ['scripts/bundle-server.mjs'],
    cwd: '.',
  },
  {
    name: 'client',
    folder: 'packages/client',
    inputs: ['packages/client/src', 'packages/client/package.json', 'scripts/build-client.mjs', 'package-lock.json'],
    command: ['scripts/build-client.mjs'],
    cwd: '.',
  },
  {
    name: 'guide',
    folder: 'docs',
    inputs: [
      'docs',
      'README.md',
      'CHANGELOG.md',
      'deploy/README.md',
      'packages/client/README.md',
      'examples',
      'packages/web/public/favicon.svg',
      'scripts/guide',
    ],
    command: ['scripts/guide/build-guide.mjs'],
    cwd: '.',
  },
  {
    name: 'web app',
    folder: 'packages/web',
    inputs: [
      'packages/web/src',
      'packages/web/public',
      'packages/web/index.html',
      'packages/web/vite.config.ts',
      'packages/web/package.json',
      'packages/web/tsconfig.json',
      'packages/client/src',
      'packages/client/package.json',
      'tsconfig.base.json',
      'package-lock.json',
    ],
    command: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'],
    cwd: 'packages/web',
  },
]

function run(root, { name, command: [script, ...args], cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(cloneNode(root), [join(root, script), ...args], {
      cwd: join(root, cwd),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${output.trim().split('\n').slice(-60).join('\n')}\n\nThe ${name} could not be built.`))
    })
  })
}

async function build(root, { name, ...how }) {
  const print = fingerprint(root, how.inputs)
  const dist = join(root, how.folder, 'dist')
  if (isFresh(dist, print)) return
  const start = Date.now()
  // The compiler leaves what it wrote for a file that has been deleted since.
  rmSync(dist, { recursive: true, force: true })
  await run(root, { name, ...how })
  writeStamp(dist, print)
  console.log(`Built the ${name} in ${((Date.now() - start) / 1000).toFixed(1)} s.`)
}

/** All at once; throws an Error with the compiler's output when one of them fails. */
export async function ensureBuilds(root) {
  const wanted = builds.filter(({ name }) => name !== 'web app' || existsSync(join(root, 'packages/web/index.html')))
  const results = await Promise.allSettled(wanted.map((each) => build(root, each)))
  const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason.message)
  if (failures.length > 0) throw new Error(failures.join('\n\n'))
}
