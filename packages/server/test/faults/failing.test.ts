import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { clusterRows } from './harness/cluster-rows.ts'
import { type Alarm, failEverywhere, startAlarm } from './harness/failing-stages.ts'
import { engines, isFull } from './harness/installation.ts'

const faulty = join(import.meta.dirname, 'harness/failing-module.ts')

describe.each(isFull ? engines : engines.slice(0, 1))('what goes wrong in one place on %s', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-failing-'))
  const logFile = join(folder, 'server.log')
  let alarm: Alarm
  beforeAll(async () => {
    alarm = await startAlarm()
  })
  afterAll(() => {
    alarm.stop()
    rmSync(folder, { recursive: true })
  })

  const variables = () => ({ MODULES: faulty, ERROR_SINK_URL: alarm.url, MAIL_DRIVER: 'mailbox' })
  clusterRows(engine, () => ({ nodes: 1, logFile, variables: variables() }), {
    F29: {
      promise: 'a job, a mail, a handler or a promise that fails is told once, and nobody else notices',
      full: failEverywhere({ seconds: 15 }, () => alarm, logFile),
      quick: failEverywhere({ seconds: 2 }, () => alarm, logFile),
      check: ({ failures, alerts, error_lines, not_once, answered_otherwise, dead, sent, waiting, failed }) => {
        expect.soft({ alerts, error_lines, not_once, answered_otherwise, dead, waiting, failed }).toEqual({
          alerts: failures,
          error_lines: failures,
          ...{ not_once: 0, answered_otherwise: 0, dead: 2, waiting: 0, failed: 0 },
        })
        expect.soft(sent).toBeGreaterThanOrEqual(2)
      },
    },
  })
})
