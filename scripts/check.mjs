// `npm run check`: all static checks, one line each, as many at once as there are cores (two at most).
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cloneNode } from './setup/node.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tsc = (project) => ['typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p', project]

const steps = [
  { name: 'rules that need types', args: ['eslint/bin/eslint.js', '--max-warnings', '0', 'packages'] },
  { name: 'types: server', args: tsc('packages/server') },
  { name: 'types: client', args: tsc('packages/client') },
  { name: 'types: web', args: tsc('packages/web') },
  { name: 'types: web tests', args: tsc('packages/web/test') },
  // As the others, and the templates of Vue.
  { name: 'types: examples', args: ['vue-tsc/bin/vue-tsc.js', ...tsc('examples').slice(1)] },
  { name: 'types: root', args: tsc('.') },
  { name: 'format and lint', args: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  {
    name: 'who imports whom',
    args: ['dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.mjs', 'packages'],
  },
]

function run({ name, args: [script, ...args] }) {
  const start = Date.now()
  const child = spawn(cloneNode(root), [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const seconds = ((Date.now() - start) / 1000).toFixed(1)
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
      resolve(code === 0 ? undefined : { name, output })
    })
  })
}

const waiting = [...steps]
const failures = []
async function lane() {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const failure = await run(step)
    if (failure) failures.push(failure)
  }
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane))
for (const { name, output } of failures) console.log(`\n--- ${name}\n${output.trim()}`)
process.exitCode = failures.length > 0 ? 1 : 0
