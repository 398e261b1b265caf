// Brings node_modules to what package-lock.json says, and only when it is not there yet.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

const comparedFields = ['workspaces', 'dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause.code === 'ENOENT') return undefined
    throw new Error(`${file} cannot be read: ${cause.message}`, { cause })
  }
}

/**
 * Why node_modules has to be installed, or undefined. Compares package.json, package-lock.json and the copy of the
 * lock npm keeps in node_modules, so an `npm install` by hand and an edit of "scripts" do not start another one.
 */
export function whyInstall(root) {
  const lock = readJson(join(root, 'package-lock.json'))
  if (!lock) throw new Error('package-lock.json is missing; get it back with: git checkout package-lock.json')
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))
  if (!installed) return 'node_modules is missing'

  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path.includes('node_modules/')) {
      const there = installed.packages[path]
      // A package for another platform is optional and rightly absent; npm ci leaves out extraneous ones.
      if (!there && !entry.optional && !entry.devOptional && !entry.extraneous) return `${path} is not installed`
      if (there && there.version !== entry.version) return `${path} is not ${entry.version}`
      continue
    }
    const manifest = readJson(join(root, path, 'package.json'))
    if (!manifest) return `${path}/package.json is gone`
    const changed = comparedFields.find((field) => !isDeepStrictEqual(manifest[field] ?? {}, entry[field] ?? {}))
    if (changed) return `${join(path, 'package.json')} has other ${changed}`
  }
  return undefined
}

/** Runs `npm ci` when it is needed; throws an Error with the end of npm's output when that fails. */
export function ensureDependencies(root) {
  const reason = whyInstall(root)
  if (!reason) return
  console.log(`Installing dependencies, about half a minute (${reason}) …`)
  // npm replaces node_modules, and with it the Node that npm scripts find first: this one run needs another.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: path.join(delimiter) },
  })
  if (run.status === 0) return
  const output = `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`
  const lines = output.trim().split('\n')
  // npm says why first where it explains its usage, and last where something broke.
  const shown = lines.length > 30 ? [...lines.slice(0, 12), '…', ...lines.slice(-15)] : lines
  throw new Error(`${shown.join('\n')}\n\nnpm ci failed.`)
}
