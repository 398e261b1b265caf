import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type S3Fault, type S3Server, startS3Server } from '../s3-server.ts'
import { brokenBucket } from './harness/bucket-stages.ts'
import { clusterRows } from './harness/cluster-rows.ts'
import { engines, isFull } from './harness/installation.ts'

const all: S3Fault[] = ['down', '503', 'resets', 'clock', 'changes bytes', 'hangs']

describe.each(isFull ? engines : engines.slice(0, 1))('files in a bucket on %s', (engine) => {
  let s3: S3Server
  beforeAll(async () => {
    s3 = await startS3Server()
  })
  afterAll(() => s3.close())

  clusterRows(engine, () => ({ nodes: 1, withRedis: false, variables: s3.variables }), {
    F24: {
      promise: 'a bucket that breaks refuses uploads, and leaves neither a row without bytes nor bytes without a row',
      full: brokenBucket(all, 10, () => s3, true),
      quick: brokenBucket(['503'], 1, () => s3, false),
      check: (figures) => {
        const { files_unclear, files_lost, dangling_rows, refused, unclear, failed_reads } = figures
        expect
          .soft({ files_unclear, files_lost, dangling_rows, refused, unclear, failed_reads })
          .toEqual({ files_unclear: 0, files_lost: 0, dangling_rows: 0, refused: 0, unclear: 0, failed_reads: 0 })
        expect.soft(figures.files_refused).toBeGreaterThan(0)
        expect.soft(figures.healed_ms).toBeLessThan(15_000)
        if (isFull) expect.soft(figures.cleaned_ms).toBeLessThan(600_000)
      },
    },
  })
})
