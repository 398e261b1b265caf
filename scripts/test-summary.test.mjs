import { expect, it } from 'vitest'
import { summarize } from './test-summary.mjs'

const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
const brokenFile = { status: 'failed', assertionResults: [] }
const failedFile = { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] }

it.each([
  ['all pass', report, 0, '3 passed, 0 failed', 0],
  ['some are skipped', { ...report, numPendingTests: 1, numTodoTests: 1 }, 0, '3 passed, 0 failed, 2 skipped', 0],
  ['a test fails', { ...report, numFailedTests: 1, testResults: [failedFile] }, 1, '3 passed, 1 failed', 1],
  ['a file cannot be loaded', { ...report, testResults: [brokenFile] }, 1, '3 passed, 1 failed', 1],
  ['an error is outside every test', report, 1, '3 passed, 1 failed', 1],
  ['nothing ran', { ...report, numPassedTests: 0, numPendingTests: 9 }, 0, '0 passed, 0 failed, 9 skipped', 1],
  ['vitest was killed', undefined, 137, '0 passed, 1 failed', 137],
])('when %s', (_, given, vitestCode, line, code) => {
  expect(summarize(given, vitestCode)).toMatchObject({ line, code })
})
