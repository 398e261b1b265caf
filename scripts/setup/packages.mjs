// Installs Debian packages without letting them start anything on this machine.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { findProgram, missingPrograms } from './programs.mjs'

const guards = [
  // Debian asks this script before it starts any service; 101 means "not allowed".
  { file: '/usr/sbin/policy-rc.d', content: '#!/bin/sh\nexit 101\n', mode: 0o755 },
  // Without it the PostgreSQL package creates a cluster of its own.
  {
    file: '/etc/postgresql-common/createcluster.d/atrium.conf',
    content: 'create_main_cluster = false\n',
    mode: 0o644,
  },
]

/** A guard the administrator has set already stays as it is, before and after. */
function withGuards(work) {
  const ours = guards.filter(({ file }) => !existsSync(file))
  const newFolders = ours.map(({ file }) => dirname(file)).filter((folder) => !existsSync(folder))
  // Listening keeps a signal from ending this process before the guards are gone; apt-get gets its own Ctrl-C.
  const outlive = () => {}
  process.on('SIGINT', outlive).on('SIGTERM', outlive)
  try {
    for (const { file, content, mode } of ours) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content, { mode })
    }
    return work()
  } finally {
    for (const { file } of ours) rmSync(file, { force: true })
    for (const folder of newFolders) if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder)
    process.off('SIGINT', outlive).off('SIGTERM', outlive)
  }
}

const patient = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3']
/** For what can be done without: where nothing can be fetched, nobody waits for it. */
const brief = ['DPkg::Lock::Timeout=120', 'Acquire::http::Timeout=10', 'Acquire::https::Timeout=10'].flatMap((each) => [
  '-o',
  each,
])

function apt(options, ...args) {
  const run = spawnSync('apt-get', [...options, ...args], {
    encoding: 'utf8',
    timeout: options === brief && args[0] === 'update' ? 60_000 : undefined,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  })
  return { ok: run.status === 0, output: `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}` }
}

/** The lock on the package lists has no waiting time of its own, unlike dpkg's. */
function updateLists(options) {
  const end = Date.now() + 120_000
  let result = apt(options, 'update')
  while (!result.ok && /Could not get lock|Unable to lock/.test(result.output) && Date.now() < end) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000)
    result = apt(options, 'update')
  }
  return result
}

/** What of it the distribution has; known once the lists are up to date. */
const isOffered = ({ packages }) =>
  spawnSync('apt-cache', ['show', ...packages], { stdio: 'ignore', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    .status === 0

/** Installs what the group lacks, or throws an Error that says what to do by hand. */
export function ensurePrograms(group) {
  const missing = missingPrograms(group)
  if (missing.length === 0) return
  const isNeeded = (need) => !need.isOptional
  const names = missing.map((need) => need.name).join(', ')
  const line = `apt-get install -y --no-install-recommends ${missing.flatMap((need) => need.packages).join(' ')}`
  if (!findProgram('apt-get') || process.getuid?.() !== 0) {
    const how = findProgram('apt-get') ? ` with: sudo ${line}` : `; on Debian 12: ${line}`
    if (missing.some(isNeeded)) throw new Error(`The tests need ${names}. Please install them${how}`)
    return console.log(`Without ${names} some tests are skipped or take longer: ${line}`)
  }

  console.log(`Installing ${names} for the tests (once per machine) …`)
  const options = missing.some(isNeeded) ? patient : brief
  const update = updateLists(options)
  const offered = missing.filter((need) => isNeeded(need) || isOffered(need))
  const packages = offered.flatMap((need) => need.packages)
  const install = withGuards(() => apt(options, 'install', '-y', '--no-install-recommends', ...packages))
  const left = missingPrograms(group)
  if (left.length > 0) console.log(`Not to be had here: ${left.map((need) => need.name).join(', ')}`)
  if (!left.some(isNeeded)) return
  const output = `${update.ok ? '' : update.output}${install.output}`
  const tail = output.trim().split('\n').slice(-15).join('\n')
  const lacking = left.length > 0 ? left : missing
  throw new Error(`${tail}\n\n${lacking.map((need) => need.name).join(', ')}: not installed. By hand: ${line}`)
}
