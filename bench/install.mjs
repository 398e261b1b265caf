// `node bench/install.mjs [rounds]`: how large an installation of the server's packages is without those for development,
// and how long npm takes for it out of its cache; beside it Fastify alone. Each in an empty folder, in turn.
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './harness/folders.mjs'
import { short } from './harness/published.mjs'
import { ratios, spread } from './harness/rounds.mjs'

const rounds = Number(process.argv[2] ?? 5)
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
const npm = (folder, ...args) => execFileSync('npm', [...args, ...quiet], { cwd: folder, stdio: 'pipe' })
const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/** As deploy/Dockerfile installs it; npm wants the manifest of every workspace. */
function prepareAtrium(folder) {
  const manifests = read('package.json').workspaces.map((workspace) => `${workspace}/package.json`)
  for (const file of ['package.json', 'package-lock.json', ...manifests]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    copyFileSync(join(root, file), join(folder, file))
  }
}

function prepareFastify(folder) {
  const { version } = read('package-lock.json').packages['node_modules/fastify']
  const manifest = { name: 'bare', private: true, dependencies: { fastify: version } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  npm(folder, 'install', '--package-lock-only')
}

const subjects = [
  { name: 'Atrium', prepare: prepareAtrium, args: ['--workspace=@atrium/server'] },
  { name: 'Fastify alone', prepare: prepareFastify, args: [] },
]

/** What lies in all folders of packages; links are not followed. */
function sizeOf(folder) {
  const files = globSync('**/node_modules/**', { cwd: folder })
    .map((file) => ({ file, stat: lstatSync(join(folder, file)) }))
    .filter(({ stat }) => stat.isFile())
  const packages = files.filter(({ file }) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file))
  return {
    packages: packages.length,
    files: files.length,
    mib: files.reduce((sum, { stat }) => sum + stat.size, 0) / 2 ** 20,
  }
}

function install({ prepare, args }) {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-install-'))
  try {
    prepare(folder)
    const started = performance.now()
    npm(folder, 'ci', '--omit=dev', ...args)
    return { seconds: (performance.now() - started) / 1000, ...sizeOf(folder) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// The first time may fetch what the cache does not have.
for (const subject of subjects) install(subject)
const results = new Map(subjects.map(({ name }) => [name, []]))
for (let round = 0; round < rounds; round++)
  for (const subject of round % 2 === 0 ? subjects : [...subjects].reverse())
    results.get(subject.name).push(install(subject))

console.log('| | npm ci --omit=dev, s, median (min–max) | ÷ Fastify alone | MiB | packages | files |')
console.log('| --- | --- | --- | --- | --- | --- |')
for (const [name, list] of results) {
  const text = ({ median, min, max }) => `${short(median)} (${short(min)}–${short(max)})`
  const [time, ratio] = [
    spread(list.map(({ seconds }) => seconds)),
    ratios(results, name, 'Fastify alone', (each) => each.seconds),
  ]
  const [{ mib, packages, files }] = list
  console.log(`| ${name} | ${text(time)} | ${text(ratio)} | ${short(mib)} | ${packages} | ${short(files)} |`)
}
