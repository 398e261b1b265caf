import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

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

/** Tests that start whole processes: so many files at a time, and only when the quick ones no longer need the cores. */
const whole = (name: string, groupOrder: number, maxWorkers: number, testTimeout: number, include: string[]) => ({
  extends: true as const,
  test: { name, include, testTimeout, hookTimeout: testTimeout, maxWorkers, sequence: { groupOrder } },
})

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
    maxWorkers: Math.min(4, availableParallelism()),
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
      whole('browser', 1, 2, 180_000, ['packages/web/test/**/*.test.ts']),
      whole('faults', 2, 1, 300_000, [`${server}/test/faults/**/*.test.ts`]),
    ],
  },
})
