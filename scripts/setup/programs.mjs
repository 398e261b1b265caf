// Where the programs the tests need are found on this machine, and which packages bring them.
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/homebrew/sbin']

/**
 * Debian keeps PostgreSQL's server programs out of PATH, one folder per version. Those with PostGIS come first, then
 * the newest, and all before PATH: programs of two versions must not be mixed.
 */
function postgresFolders() {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).filter((name) => Number(name) >= 15) : []
  const rank = (version) =>
    Number(version) + (existsSync(`/usr/share/postgresql/${version}/extension/postgis.control`) ? 1000 : 0)
  return versions.sort((a, b) => rank(b) - rank(a)).map((version) => join(root, version, 'bin'))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The full path of the first of these programs that is installed, or undefined. */
export function findProgram(...names) {
  const folders = [...postgresFolders(), ...(process.env.PATH ?? '').split(delimiter), ...serverFolders]
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable)
    if (found) return found
  }
  return undefined
}

/** The same browser without windows, which takes less than half of the processor's time. */
const headless = ['chromium-headless-shell']

export function findChromium() {
  const named = process.env.ATRIUM_TEST_CHROMIUM
  if (named) return isExecutable(named) ? named : undefined
  const elsewhere = [
    '/snap/bin/chromium',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  return (
    findProgram(...headless, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable') ??
    elsewhere.find(isExecutable)
  )
}

function hasPostgis() {
  const config = findProgram('pg_config')
  if (!config) return false
  const shared = execFileSync(config, ['--sharedir'], { encoding: 'utf8' }).trim()
  return existsSync(join(shared, 'extension', 'postgis.control'))
}

function hasEmojiFont() {
  if (process.platform !== 'linux') return true
  const list = findProgram('fc-list')
  return list !== undefined && /emoji/i.test(execFileSync(list, [':', 'file'], { encoding: 'utf8' }))
}

const has = (...names) => names.every((name) => findProgram(name) !== undefined)

/** libfaketime, to be preloaded; undefined where there is none. */
export function findFaketime() {
  const root = '/usr/lib'
  const folders = existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : []
  return [root, ...folders].map((folder) => join(folder, 'faketime', 'libfaketime.so.1')).find(existsSync)
}

/** The library that makes a MariaDB a node of a cluster; undefined where there is none. */
export function findGalera() {
  return ['/usr/lib/galera', '/usr/lib64/galera-4'].map((folder) => join(folder, 'libgalera_smm.so')).find(existsSync)
}

/** A Python that has the client of Socket.IO; undefined where there is none. */
export function findSocketIoPython() {
  const python = ['/usr/bin/python3', findProgram('python3')].find(
    (program) => program && spawnSync(program, ['-c', 'import socketio, websocket']).status === 0,
  )
  return python
}

// MariaDB's -core packages hold the programs without a system service, a system user and a data folder.
const needs = {
  engines: [
    {
      name: 'PostgreSQL',
      packages: ['postgresql-15'],
      present: () => has('postgres', 'initdb', 'pg_isready', 'psql', 'pg_config'),
    },
    { name: 'PostGIS', packages: ['postgresql-15-postgis-3'], present: hasPostgis },
    {
      name: 'MariaDB',
      packages: ['mariadb-server-core', 'mariadb-client-core'],
      present: () => has('mariadbd', 'mariadb-install-db', 'mariadb'),
    },
    { name: 'Redis', packages: ['redis-server'], present: () => has('redis-server') },
  ],
  // What may be missing where a distribution does not have it: the tests that need it say so and are skipped.
  faults: [
    { name: 'nginx', packages: ['nginx'], present: () => has('nginx') },
    {
      name: 'libfaketime',
      packages: ['libfaketime'],
      present: () => findFaketime() !== undefined,
      isOptional: true,
    },
    {
      name: 'python3-socketio',
      packages: ['python3-socketio', 'python3-websocket'],
      present: () => findSocketIoPython() !== undefined,
      isOptional: true,
    },
    { name: 'Galera', packages: ['galera-4'], present: () => findGalera() !== undefined, isOptional: true },
    { name: 'sqlmap', packages: ['sqlmap'], present: () => has('sqlmap'), isOptional: true },
  ],
  browser: [
    { name: 'Chromium', packages: ['chromium'], present: () => findChromium() !== undefined },
    {
      name: 'Chromium without windows',
      packages: headless,
      present: () => Boolean(process.env.ATRIUM_TEST_CHROMIUM) || has(...headless),
      isOptional: true,
    },
    { name: 'fonts', packages: ['fonts-dejavu-core', 'fonts-noto-color-emoji', 'fontconfig'], present: hasEmojiFont },
  ],
}

/** What of one group ('engines', 'faults' or 'browser') is not installed: [{ name, packages, isOptional? }]. */
export function missingPrograms(group) {
  return needs[group].filter((need) => !need.present())
}
