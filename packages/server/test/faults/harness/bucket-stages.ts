import { S3Storage } from '../../../src/platform/storage/s3-storage.ts'
import { originalKey } from '../../../src/platform/storage/storage.ts'
import type { S3Fault, S3Server } from '../../s3-server.ts'
import { listed } from '../../stored-objects.ts'
import type { Figures, Stage } from './cluster.ts'
import { isClear, seen } from './disk-stages.ts'
import type { Reader } from './reader.ts'
import { Uploader } from './uploader.ts'
import { pause, until } from './waiting.ts'

const now = () => performance.now()
const healLimitMs = 30_000
/** The sweeper comes each minute. */
const cleanLimitMs = 150_000
const never = Number.POSITIVE_INFINITY

const merge = (all: Figures, more: Figures): Figures =>
  Object.fromEntries(Object.entries(more).map(([name, value]) => [name, Math.max(value, all[name] ?? value)]))

/** F24: the service that keeps the files breaks in one way after the other. */
export const brokenBucket =
  (faults: readonly S3Fault[], seconds: number, s3: () => S3Server, isWaitedFor: boolean): Stage =>
  async (cluster) => {
    const { installation, chat, note, nodes } = cluster
    const [{ person }] = chat.readers as [Reader]
    const uploader = new Uploader(nodes[0]?.origin ?? '', person)
    await uploader.send(100_000)
    let figures: Figures = {}
    for (const fault of faults) {
      note(`the bucket: ${fault}`)
      s3().fault = fault
      const from = now()
      do {
        await uploader.send(2_000_000)
        await pause(200)
      } while (now() < from + seconds * 1000)
      const over = now()
      s3().fault = 'none'
      const refusals = uploader.refusals.splice(0)
      const unclear = refusals.filter((each) => !isClear(each))
      for (const each of new Set(unclear)) console.log(`no clear refusal while ${fault}: ${each}`)
      const healed = await until(
        () => uploader.send(100_000),
        healLimitMs,
        () => 'no file is taken again',
      ).catch(() => never)
      uploader.refusals.length = 0
      const files_refused = refusals.length
      figures = merge(figures, {
        files_refused,
        files_unclear: unclear.length,
        healed_ms: healed,
        ...seen(cluster, from, over),
      })
    }
    const lost = await uploader.lost()
    for (const each of lost) console.log(`lost: ${each}`)
    const rows = await installation.db.selectFrom('files').select(['id', 'storage_key']).execute()
    const acknowledged = new Set(uploader.acknowledged.map(({ id }) => id))
    const strays = async () => {
      const keys = new Set(rows.map(({ storage_key }) => storage_key))
      return (await listed(storageOf(s3()))).filter(({ key }) => !keys.has(originalKey(key))).length
    }
    const cleaned = isWaitedFor
      ? await until(
          async () => (await strays()) === 0,
          cleanLimitMs,
          () => 'something belongs to no file',
          1000,
        ).catch(() => never)
      : undefined
    return {
      ...figures,
      faults: faults.length,
      files: acknowledged.size,
      files_lost: lost.length,
      dangling_rows: rows.filter(({ id }) => !acknowledged.has(id)).length,
      ...(cleaned === undefined ? {} : { cleaned_ms: cleaned }),
    }
  }

const storageOf = ({ variables }: S3Server) =>
  new S3Storage(
    { kind: 's3', bucket: variables.S3_BUCKET ?? '', region: 'us-east-1', endpoint: variables.S3_ENDPOINT },
    { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  )
