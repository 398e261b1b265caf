import { describe, expect } from 'vitest'
import { backUpAndRestore } from './harness/backup-stages.ts'
import { clusterRows } from './harness/cluster-rows.ts'
import { engines, isFull } from './harness/installation.ts'

// backups.test.ts and backup-commands.test.ts have the same for every change, within one process.
describe.skipIf(!isFull).each(engines)('a backup on %s', (engine) => {
  clusterRows(engine, () => ({}), {
    F32: {
      promise: 'a backup while people talk is one moment, and restored elsewhere it serves them',
      sessions: 1,
      full: backUpAndRestore,
      check: ({ lost, strange, signed_in, revoked, failed }) => {
        expect({ lost, strange, failed }).toEqual({ lost: 0, strange: 0, failed: 0 })
        expect({ signed_in, revoked }).toEqual({ signed_in: 200, revoked: 401 })
      },
    },
  })
})
