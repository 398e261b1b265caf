import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { killedEverywhere } from '../../../test/killed-at.ts'
import { listed } from '../../../test/stored-objects.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
beforeAll(async () => {
  app = await createTestApp()
  ann = await app.person('ann')
})
afterAll(() => app.drop())

const send = (who: Visitor, key: string, bytes: Buffer | string, fields = {}, name = 'plan.txt') =>
  upload(who, { name, bytes }, fields, { 'idempotency-key': key })
const filesOf = async (who: Visitor) => (await who.get('/files?limit=100')).json.data as { id: string; name: string }[]
const objects = async () => {
  await app.services.fileRemovals.settled()
  return (await listed(app.services.files.storage)).length
}
const endLeases = () =>
  app.database.unitOfWork(({ tx }) =>
    tx
      .updateTable('idempotency_keys')
      .set({ lease_until: '2020-01-01T00:00:00.000Z' })
      .where('status', 'is', null)
      .execute(),
  )

describe('W12: a file with an Idempotency-Key', () => {
  it('W12: is one file, its repeats are answered alike, and their bytes do not stay', async () => {
    const first = await send(ann, 'once', 'the plan', { visibility: 'public' })
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([201, undefined])
    const again = await send(ann, 'once', 'the plan', { visibility: 'public' })
    expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([201, first.body, 'true'])
    expect(again.headers.location).toBe(first.headers.location)
    expect(await filesOf(ann)).toHaveLength(1)
    expect(await objects()).toBe(1)
    expect(await app.database.db.selectFrom('file_uploads').select('id').execute()).toEqual([])
    expect((await ann.get('/files')).json.usage.bytes).toBe(8)
  })

  it('W12: is refused with other bytes, another name or other fields, and nothing stays of it', async () => {
    for (const other of [
      send(ann, 'once', 'the plot', { visibility: 'public' }),
      send(ann, 'once', 'the plan', { visibility: 'private' }),
      send(ann, 'once', 'the plan', { visibility: 'public' }, 'plot.txt'),
    ]) {
      const { status, json } = await other
      expect([status, json.code]).toEqual([422, 'idempotency_key_reused'])
    }
    expect(await objects()).toBe(1)
    expect((await send(ann, 'two words', 'x')).status).toBe(400)
  })

  it('W12: a form that cannot be read leaves the key free', async () => {
    const wrong = await send(ann, 'free', 'text', { purpose: 'nonsense' })
    expect(wrong.status).toBe(422)
    expect((await send(ann, 'free', 'text')).status).toBe(201)
  })

  it('W12: of five at once one is kept', async () => {
    const bob = await app.person()
    const before = await objects()
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(bob, 'crowd', 'crowd')))
    for (const { status, json } of answers)
      expect(['201', '409 idempotency_in_progress']).toContain(status === 201 ? '201' : `${status} ${json.code}`)
    expect(await filesOf(bob)).toHaveLength(1)
    expect(await objects()).toBe(before + 1)
  })

  it('W12: killed at any step, it is one file and one event, and nothing else stays', {
    timeout: 120_000,
  }, async () => {
    const eve = await app.person()
    let round = 0
    const told = () =>
      app.database.db.selectFrom('events').select('type').where('stream_id', '=', `user:${eve.userId}`).execute()
    const ends = await killedEverywhere(
      endLeases,
      async () => {
        for (const { id } of await filesOf(eve)) await eve.delete(`/files/${id}`)
        const [key, events] = [`round-${++round}`, (await told()).length]
        return {
          request: () => send(eve, key, `bytes of ${key}`),
          effects: async () => ({
            files: (await filesOf(eve)).length,
            events: (await told()).slice(events).map(({ type }) => type),
          }),
        }
      },
      { files: 1, events: ['file.ready'] },
    )
    expect(ends.length).toBeGreaterThan(10)
    for (const end of ends) expect(['done', 'kept']).toContain(end)
    // What was on its way when a process ended is cleared away as any upload is.
    app.advance(600)
    await app.services.files.sweep()
    expect(await app.database.db.selectFrom('file_uploads').select('id').execute()).toEqual([])
  })
})
