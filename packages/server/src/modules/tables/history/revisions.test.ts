import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { fillNotes, notesApp, rules } from '../../../../test/notes-tables.ts'
import { expose, runInTables } from '../../../../test/sample-tables.ts'

let setting: Awaited<ReturnType<typeof notesApp>>
beforeAll(async () => {
  setting = await notesApp()
})
afterAll(() => setting.app.drop())
beforeEach(async () => {
  await fillNotes(setting)
  await runInTables(setting.app, ['delete from _atrium_revisions'])
  await expose(setting.root, 'notes', { ...rules, revisions: true })
})

const list = async (who: 'root' | 'ann' | 'ben', id: number) => {
  const answer = await setting[who].get(`/data/notes/${id}/revisions`)
  expect(answer.status).toBe(200)
  return answer.json.data
}

it('AZ4: a history shows what may be seen today, and does not count the rest', async () => {
  const { root, ann, ben } = setting
  await root.patch('/data/notes/1', { secret: 'other', score: 1 })
  await ben.patch('/data/notes/1', { body: 'second' })
  await root.patch('/data/notes/1', { secret: 'another' })
  await ben.patch('/data/notes/1', { published: false })
  await ben.patch('/data/notes/1', { published: true, title: 'back' })
  const all = await list('root', 1)
  expect(all.map(({ action }: { action: string }) => action)).toEqual([
    'update',
    'update',
    'update',
    'update',
    'update',
    'found',
  ])
  expect(all.at(-1)).toMatchObject({ changed_by: null, record: { secret: 's3', body: 'a' } })
  expect(all[0]).toMatchObject({ changed_by: ben.userId, record: { title: 'back', secret: 'another' } })

  const hers = await list('ann', 1)
  expect(hers.map(({ record }: { record: object }) => record)).toEqual([
    expect.objectContaining({ title: 'back', body: 'second' }),
    expect.objectContaining({ title: 'public', body: 'second' }),
    expect.objectContaining({ title: 'public', body: 'a' }),
  ])
  for (const { record, changed_by } of hers) {
    expect(Object.keys(record)).toEqual(['id', 'title', 'body', 'owner_id', 'published', 'writer_id'])
    expect(changed_by).toBeNull()
  }
  expect((await list('ben', 1)).length).toBe(4)
  expect((await ann.get('/data/notes/3/revisions')).status).toBe(404)
  expect((await ann.get('/data/writers/1/revisions')).status).toBe(404)
  expect((await ann.get('/data/vault/1/revisions')).status).toBe(404)
})

it('AZ3: a revision is written again by the rules of whoever asks, and only what they see', async () => {
  const { root, ann, ben } = setting
  await ben.patch('/data/notes/1', { body: 'second' })
  await root.patch('/data/notes/1', { secret: 'kept', body: 'third' })
  const [, second, first] = await list('ben', 1)
  const reverted = await ben.post(`/data/notes/1/revisions/${first.rev}/revert`)
  expect([reverted.status, reverted.json.body]).toEqual([200, 'a'])
  expect((await root.get('/data/notes/1')).json).toMatchObject({ body: 'a', secret: 'kept' })
  expect((await list('ben', 1))[0]).toMatchObject({ action: 'update', record: { body: 'a' } })

  const stale = await ben.post(`/data/notes/1/revisions/${second.rev}/revert`, undefined, { 'if-match': '"old"' })
  expect(stale.status).toBe(412)
  expect((await ann.post(`/data/notes/1/revisions/${second.rev}/revert`)).status).toBe(404)
  expect((await ben.post(`/data/notes/3/revisions/${second.rev}/revert`)).status).toBe(404)
  expect((await ben.post('/data/notes/1/revisions/1/revert')).status).toBe(404)
  // What ann sees and may not write does not come back by this door.
  await root.patch('/data/notes/1', { writer_id: 2 })
  const [, before] = await list('ann', 1)
  expect((await ann.post(`/data/notes/1/revisions/${before.rev}/revert`)).json.code).toBe('forbidden')
})

it('values of every kind come back as they were', async () => {
  const { root } = setting
  const long = 'x'.repeat(200)
  await root.patch('/data/notes/1', { body: long, score: 7 })
  await root.patch('/data/notes/1', { body: null, score: null, published: false })
  const [, first] = await list('root', 1)
  const back = await root.post(`/data/notes/1/revisions/${first.rev}/revert`)
  expect(back.json).toMatchObject({ body: long, score: 7, published: true })
  const wide = Array.from({ length: 12 }, (_, id) => ({ id: 100 + id, title: `t${id}` }))
  await root.post('/data/notes', wide)
  expect((await list('root', 105)).map(({ action }: { action: string }) => action)).toEqual(['insert'])
})
