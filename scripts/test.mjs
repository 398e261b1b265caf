// `npm test`: everything, against real engines. Arguments go to vitest: `npm test -- --project sqlite messaging`.
// `npm run test:faults -- --full`: the whole matrix of faults, and its results in docs/reliability.md; with a name of rows
// (`-t 'F5 on'`) or files only those, and the others keep what was last measured.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { engineVariables, startEngines } from './engines.mjs'
import { writeFaultResults } from './fault-results.mjs'
import { cloneNode } from './setup/node.mjs'
import { findChromium } from './setup/programs.mjs'
import { summarize } from './test-summary.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const isFull = process.argv.includes('--full')
const given = process.argv.slice(2).filter((argument) => argument !== '--full')

let vitest
let interrupted
for (const signal of ['SIGINT', 'SIGTERM']) {
  // Ctrl-C reaches vitest by itself, as it shares the terminal. Either way it ends first, then the engines.
  process.on(signal, () => {
    interrupted = signal
    if (signal === 'SIGTERM') vitest?.kill(signal)
  })
}

/** Resolves to vitest's exit code. */
function runVitest(reportFile, variables) {
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  vitest = spawn(cloneNode(root), [join(root, 'node_modules/vitest/vitest.mjs'), ...args, ...given], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Processes that tests start compile the same sources again and again.
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'), ...variables },
  })
  return new Promise((resolve, reject) => {
    vitest.once('error', reject)
    vitest.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

const folder = mkdtempSync(join(tmpdir(), 'atrium-test-'))
let engines
let result
try {
  const wanted = (process.env.ATRIUM_FAULT_ENGINES || 'postgres,mariadb').split(',')
  engines = await startEngines({
    postgres: wanted.includes('postgres'),
    mariadb: wanted.includes('mariadb'),
    redis: true,
  })
  if (interrupted) throw new Error(`Stopped by ${interrupted}.`)
  const reportFile = join(folder, 'report.json')
  const faultResults = join(folder, 'faults.jsonl')
  const code = await runVitest(reportFile, {
    ...engineVariables(engines),
    ATRIUM_TEST_CHROMIUM: findChromium() ?? '',
    ...(isFull ? { ATRIUM_FAULTS: 'full', ATRIUM_FAULT_RESULTS: faultResults } : {}),
  })
  if (isFull) writeFaultResults(faultResults, join(root, 'docs/reliability.md'))
  result = summarize(readReport(reportFile), code)
} catch (error) {
  console.error(error.message)
  result = summarize(undefined, 1)
} finally {
  await engines?.stop()
  rmSync(folder, { recursive: true, force: true })
}
if (result.remark) console.log(`\n${result.remark}`)
console.log(result.line)
process.exitCode = result.code
