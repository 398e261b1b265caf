import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import type { FileUse } from './index.ts'

let app: TestApp
let ada: Visitor
beforeAll(async () => {
  app = await createTestApp()
  ada = await app.person('ada')
})
afterAll(() => app.drop())

const use = (usedBy: string): FileUse => ({ kind: 'message', usedBy })
const keep = (purpose: 'file' | 'attachment') =>
  app.services.files.keep({ ownerId: ada.userId, name: 'a.txt', purpose, visibility: 'private' }, [Buffer.from('text')])
const retain = (id: string, usedBy: string) =>
  app.database.unitOfWork(({ tx }) => app.services.files.uses.retain(tx, [id], use(usedBy)))
const release = (usedBy: string, ids?: string[]) =>
  app.database.unitOfWork((uow) => app.services.files.uses.release(uow, use(usedBy), ids))
const status = async (id: string) => (await ada.get(`/files/${id}`)).status

it('a file stays while anything uses it, and goes with its last use', async () => {
  const { id } = await keep('attachment')
  for (const usedBy of ['one', 'two', 'two']) expect(await retain(id, usedBy)).toHaveLength(1)
  expect((await ada.delete(`/files/${id}`)).json.code).toBe('state_conflict')
  await release('one')
  await release('one')
  expect(await status(id)).toBe(200)
  await release('two', [id])
  expect(await status(id)).toBe(404)
  expect(await app.services.files.usage(ada.userId)).toMatchObject({ bytes: 0 })
})

it('a file of one’s own stays without any use', async () => {
  const { id } = await keep('file')
  await retain(id, 'three')
  await release('three')
  app.advance(2 * 86_400)
  await app.services.files.sweep()
  expect((await app.services.files.listReadable(null, [id])).size).toBe(0)
  const rows = await app.database.db.selectFrom('files').select('id').where('id', '=', id).execute()
  expect(rows).toEqual([{ id }])
})

it('what was uploaded for a use that never came goes after a day', async () => {
  const [unused, used] = [await keep('attachment'), await keep('attachment')]
  await retain(used.id, 'four')
  const left = async () => {
    await app.services.files.sweep()
    const query = app.database.db.selectFrom('files').select('id').where('id', 'in', [unused.id, used.id])
    return (await query.orderBy('id').execute()).map(({ id }) => id)
  }
  expect(await left()).toEqual([unused.id, used.id])
  app.advance(86_401)
  expect(await left()).toEqual([used.id])
})

it('a file that is gone is not retained, and one of somebody else is not given', async () => {
  const ben = await app.person()
  const { id } = await keep('attachment')
  const { files } = app.services
  await expect(files.requireOwn(app.database.db, ben, [id])).rejects.toMatchObject({ code: 'not_found' })
  expect(await files.requireOwn(app.database.db, ada, [id])).toMatchObject([{ id }])
  expect(await retain('01890000-0000-7000-8000-000000000000', 'five')).toEqual([])
})

it('a row and its bytes are kept together with other rows, or not at all', async () => {
  const { files } = app.services
  const upload = { ownerId: ada.userId, name: 'me.png', purpose: 'avatar', visibility: 'private' } as const
  const staged = await files.uploads.stage(upload, [Buffer.from('picture')])
  await expect(
    app.database.unitOfWork(async (uow) => {
      await files.uploads.admit(uow, staged)
      throw new Error('another row was refused')
    }),
  ).rejects.toThrow('another row')
  await files.uploads.discard(staged)
  await app.services.fileRemovals.settled()
  expect(await files.storage.find(staged.storageKey)).toBe(undefined)
  await expect(app.database.unitOfWork((uow) => files.uploads.admit(uow, staged))).rejects.toMatchObject({
    code: 'state_conflict',
  })

  const again = await files.uploads.stage(upload, [Buffer.from('picture')])
  const row = await app.database.unitOfWork((uow) => files.uploads.admit(uow, again, { width: 3, height: 2 }))
  await files.uploads.discard(again)
  await app.services.fileRemovals.settled()
  expect((await files.storage.find(row.storage_key))?.size).toBe(7)
  expect(row).toMatchObject({ id: again.uploadId, width: 3, height: 2, purpose: 'avatar' })
})
