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
