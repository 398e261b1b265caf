/**
 * Vitest's JSON report and exit code → the last line of `npm test` and its exit code. What failed without being a test
 * (a file that cannot be loaded, an error outside every test) counts as failed, so the line never contradicts the code.
 */
export function summarize(report, vitestCode) {
  const passed = report?.numPassedTests ?? 0
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  let failed = (report?.numFailedTests ?? 0) + brokenFiles.length
  let remark
  if (vitestCode !== 0 && failed === 0) {
    failed = 1
    remark = `Vitest ended with code ${vitestCode} although no test failed: see above.`
  } else if (passed + failed === 0) {
    remark = 'No test was run, which proves nothing.'
  }
  const code = vitestCode !== 0 ? vitestCode : failed > 0 || passed === 0 ? 1 : 0
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  return { line, remark, code }
}

/** A machine that others use makes a test of real processes red now and then, but not many, and not twice. */
const mostUnsteady = 3

/** Files to run once more, alone: those that failed, where they are few. */
export function filesToRunAgain(report) {
  const files = (report?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name)
  const distinct = [...new Set(files)]
  return distinct.length <= mostUnsteady ? distinct : []
}

/** The result of a run whose failures were run again: undefined where the second run did not clear them. */
export function summarizeAgain(report, again, againCode) {
  if (againCode !== 0 || !(again?.numPassedTests > 0)) return undefined
  const unsteady = report.testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed')
      return failed.length === 0 ? [name] : failed.map(({ fullName }) => `${name}: ${fullName}`)
    })
  return {
    line: `${report.numPassedTests + unsteady.length} passed, ${unsteady.length} of them at the second try, 0 failed`,
    remark: `Unsteady, to be mended:\n  ${unsteady.join('\n  ')}`,
    code: 0,
  }
}
