import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const server = 'packages/server'

/** What must behave alike on every SQL engine. */
const security = `${server}/test/security/**/*.test.ts`
const conformance = [
  ...['modules', 'extend', 'platform/db', 'platform/events', 'platform/idempotency'].map(
    (folder) => `${server}/src/${folder}/**/*.test.ts`,
  ),
  security,
]

/**
 * The files of a project share a process: to import the server anew takes longer than most files' tests. It keeps no
 * state outside createApp, and a test that fails only after another one shows where that has become untrue.
 */
const together = (name: string, include: string[], env: Record<string, string> = {}) => ({
  extends: true as const,
  // What a test makes is thrown away soon: with more room for it, cleaning up takes a seventh less of the whole.
  test: { name, include, env, isolate: false, execArgv: ['--max-semi-space-size=32'] },
})

/** What the full matrix of faults measures is measured alone. */
const atOnce = process.env.ATRIUM_FAULTS === 'full' ? 1 : 2

/** Tests that start whole processes, which need the cores for themselves: after the others, two files at a time. */
const whole = (name: string, testTimeout: number, include: string[]) => ({
  extends: true as const,
  test: { name, include, testTimeout, hookTimeout: testTimeout, maxWorkers: atOnce, sequence: { groupOrder: 1 } },
})

/** Not the longest by their size, but by what they do: at the end, the other core would wait for them. */
const isLong = ({ moduleId }: TestSpecification) => /\/(accessibility|mail)\.test\.ts$/.test(moduleId)

/** A file of the browser, a file of faults: the ones keep a core busy while the others wait for what they broke. */
class ByTurns extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const bySize = await super.sort(files)
    const sorted = [...bySize.filter(isLong), ...bySize.filter((file) => !isLong(file))]
    const busy = sorted.filter(({ project }) => project.name === 'browser')
    const waiting = sorted.filter(({ project }) => project.name === 'faults')
    const others = sorted.filter((file) => !busy.includes(file) && !waiting.includes(file))
    const turns = Array.from({ length: Math.max(busy.length, waiting.length) }, (_, turn) => [
      ...busy.slice(turn, turn + 1),
      ...waiting.slice(turn, turn + 1),
    ])
    return [...others, ...turns.flat()]
  }
}

/** What is tested is the server and the client as they are now, not as they were built. */
const source = (file: string) => fileURLToPath(new URL(file, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@atrium\/server$/, replacement: source(`${server}/src/index.ts`) },
      { find: /^@atrium\/server\/testing$/, replacement: source(`${server}/src/testing.ts`) },
      { find: /^@atrium\/client$/, replacement: source('packages/client/src/index.ts') },
    ],
  },
  test: {
    // Processes and not threads: a crash in a native addon costs one file, and signals and process.env are real.
    pool: 'forks',
    // Each worker opens pools of connections, of which the engines allow 200 in all.
    // One more than there are cores, as a third of the time is spent waiting for engines, mails and buckets.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    sequence: { sequencer: ByTurns },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      together('sqlite', [`${server}/src/**/*.test.ts`, `${server}/test/*.test.ts`, security], {
        ATRIUM_TEST_ENGINE: 'sqlite',
      }),
      together('postgres', conformance, { ATRIUM_TEST_ENGINE: 'postgres' }),
      together('mariadb', conformance, { ATRIUM_TEST_ENGINE: 'mariadb' }),
      together('client', [
        'packages/client/**/*.test.ts',
        'examples/**/*.test.ts',
        'modules/**/*.test.ts',
        'packages/web/src/**/*.test.{ts,tsx}',
      ]),
      { extends: true, test: { name: 'tooling', include: ['scripts/**/*.test.*'] } },
      whole('browser', 180_000, ['packages/web/test/**/*.test.ts']),
      whole('faults', 300_000, [`${server}/test/faults/**/*.test.ts`]),
    ],
  },
})
