// Makes a clone ready: `node scripts/setup.mjs [build] [engines] [faults] [browser]`.
// It runs before anything is installed, so here and in setup/: no dependencies, and Node 20 is enough.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilds } from './setup/builds.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { cloneNode } from './setup/node.mjs'
import { ensurePrograms } from './setup/packages.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const steps = {
  build: () => ensureBuilds(root),
  engines: () => ensurePrograms('engines'),
  faults: () => ensurePrograms('faults'),
  browser: () => ensurePrograms('browser'),
}

try {
  const wanted = process.argv.slice(2)
  const unknown = wanted.find((name) => !Object.hasOwn(steps, name))
  if (unknown) throw new Error(`No step "${unknown}"; there are ${Object.keys(steps).join(', ')}.`)
  ensureDependencies(root)
  cloneNode(root)
  for (const name of wanted) await steps[name]()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
