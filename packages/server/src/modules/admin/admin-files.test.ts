import { afterAll, beforeAll, expect, it } from 'vitest'
import { fileForm, upload } from '../../../test/file-form.ts'
import { beginGroup, outcome, say } from '../../../test/groups.ts'
import { connect } from '../../../test/live-client.ts'
import { picture } from '../../../test/pictures.ts'
import { listed } from '../../../test/stored-objects.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
let bob: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  root = await app.holderOf(['admin'], 'root')
  ann = await app.person('ann')
  bob = await app.person('bob')
})
afterAll(() => app.drop())

const put = async (who: Visitor, name: string, bytes: Buffer | string, fields = {}): Promise<string> => {
  const answer = await upload(who, { name, bytes }, fields)
  expect(answer.status).toBe(201)
  return answer.json.id
}
const setPicture = (who: Visitor, path: string, bytes: Buffer) => {
  const form = fileForm([['file', { name: 'me.png', type: 'image/png', bytes }]])
  return who.send('PUT', path, form.body, { 'content-type': form.type })
}
const keysIn = async () => {
  await app.services.fileRemovals.settled()
  return (await listed(app.services.storage)).map(({ key }) => key)
}
const remove = (id: string, who = root) => who.delete(`/admin/files/${id}`)

it('AZ2: lists everybody’s files by owner, name, kind, size and order; what is in them stays closed', async () => {
  const note = await put(ann, 'Notes 100%.txt', 'a'.repeat(50))
  const view = await put(ann, 'view.png', await picture(600, 300))
  const shared = await put(bob, 'shared.png', await picture(400, 400), { visibility: 'public' })
  const zip = await put(bob, 'Secret notes.bin', Buffer.alloc(90_000, 7))
  const ids = async (query: string) =>
    (await root.get(`/admin/files?${query}`)).json.data.map(({ id }: { id: string }) => id)

  const all = (await root.get('/admin/files')).json
  expect(all.data.map(({ id }: { id: string }) => id)).toEqual([zip, shared, view, note])
  expect(all.usage).toEqual({ bytes: all.data.reduce((sum: number, { size }: { size: number }) => sum + size, 0) })
  expect(all.data[2]).toMatchObject({
    ...{ name: 'view.png', content_type: 'image/png', width: 600, visibility: 'private', purpose: 'file' },
    ...{ owner: { id: ann.userId, username: 'ann' }, used_by: [], url: null, variants: [] },
  })
  expect(all.data[1]).toMatchObject({ url: `/api/v1/files/${shared}/content`, variants: [{ width: 256 }] })
  expect(JSON.stringify(all)).not.toMatch(/sha256|storage_key|details|email/)
  // The permission of seeing that there is a file opens none.
  expect([(await root.get(`/files/${view}`)).status, (await root.get(`/files/${view}/content`)).status]).toEqual([
    404, 404,
  ])

  expect(await ids(`owner_id=${ann.userId}`)).toEqual([view, note])
  expect(await ids('owner=@BO')).toEqual([zip, shared])
  expect(await ids('owner=nobody')).toEqual([])
  expect(await ids('name=NOTES')).toEqual([zip, note])
  expect(await ids('name=100%25')).toEqual([note])
  expect(await ids('name=1_0')).toEqual([])
  expect(await ids('kind=image')).toEqual([shared, view])
  expect(await ids('kind=other')).toEqual([zip])
  expect(await ids('visibility=public')).toEqual([shared])
  expect(await ids('purpose=attachment')).toEqual([])
  expect(await ids('min_size=90000')).toEqual([zip])
  expect(await ids('max_size=50')).toEqual([note])
  const bySize = [...all.data].sort((a, b) => b.size - a.size).map(({ id }) => id)
  expect(await ids('sort=-size')).toEqual(bySize)
  expect((await root.get(`/admin/files?owner=ann`)).json.usage).toEqual(
    expect.objectContaining({ bytes: all.data[2].size + all.data[3].size }),
  )

  for (const [sort, whole] of [
    ['-created_at', all.data.map(({ id }: { id: string }) => id)],
    ['-size', bySize],
  ]) {
    const first = (await root.get(`/admin/files?sort=${sort}&limit=3`)).json
    expect(first.page.has_more).toBe(true)
    const rest = await ids(`sort=${sort}&limit=3&cursor=${first.page.next_cursor}`)
    expect([...first.data.map(({ id }: { id: string }) => id), ...rest]).toEqual(whole)
  }
  const other = (await root.get('/admin/files?limit=1')).json.page.next_cursor
  expect(outcome(await root.get(`/admin/files?sort=-size&cursor=${other}`))).toEqual([400, 'bad_cursor'])

  const usage = (await root.get('/admin/files/usage?limit=1')).json
  expect(usage.data).toEqual([expect.objectContaining({ owner_id: bob.userId, files: 2, bytes: expect.any(Number) })])
  const next = (await root.get(`/admin/files/usage?cursor=${usage.page.next_cursor}`)).json
  expect(next.data).toEqual([
    expect.objectContaining({ owner: expect.objectContaining({ username: 'ann' }), files: 2 }),
  ])
})

it('removes a file of anybody, bytes and all, out of messages, profiles and conversations', async () => {
  const before = await keysIn()
  const room = await beginGroup(ann, [bob])
  const attach = (name: string) => put(ann, name, `of ${name}`, { purpose: 'attachment' })
  const [one, two, alone] = [await attach('one.txt'), await attach('two.txt'), await attach('alone.txt')]
  const both = (await say(ann, room, 'Look', { attachment_ids: [one, two] })).json
  const wordless = (await say(ann, room, '', { attachment_ids: [alone] })).json
  await setPicture(ann, '/users/me/avatar', await picture(90, 90))
  await setPicture(ann, `/conversations/${room}/avatar`, await picture(80, 80))
  const files = (await root.get(`/admin/files?owner=ann`)).json
  const used = (kind: string) => files.data.find((file: { used_by: string[] }) => file.used_by.includes(kind))
  expect([used('avatar').purpose, used('conversation').purpose]).toEqual(['avatar', 'conversation_picture'])
  const live = await connect(app, bob)
  const watching = await connect(app, root)

  expect((await remove(one)).status).toBe(204)
  const told = await live.hears('message.updated', ({ data }) => data.id === both.id)
  expect(told.data.attachments.map(({ id }: { id: string }) => id)).toEqual([two])
  await watching.hears('admin.changed', (news) => (news as { what: string }).what === 'files')
  expect((await bob.get(`/messages/${both.id}`)).json).toMatchObject({ text: 'Look', edited_at: null, version: 2 })
  expect((await bob.get(`/files/${one}/content`)).status).toBe(404)
  expect((await remove(one)).status).toBe(404)

  expect((await remove(alone)).status).toBe(204)
  await live.hears('message.deleted', ({ data }) => data.message_id === wordless.id || data.id === wordless.id)
  expect((await bob.get(`/messages/${wordless.id}`)).json).toMatchObject({ attachments: [] })

  for (const kind of ['avatar', 'conversation']) expect((await remove(used(kind).id)).status).toBe(204)
  expect((await ann.get('/users/me')).json.avatar).toBe(null)
  await live.hears('conversation.updated')
  expect((await bob.get(`/conversations/${room}`)).json.avatar ?? null).toBe(null)
  live.close()
  watching.close()

  expect((await remove(two)).status).toBe(204)
  expect(await keysIn()).toEqual(before)
  const usage = (await root.get('/admin/files/usage')).json.data
  const left = (await root.get('/admin/files?owner=ann')).json
  expect(usage.find(({ owner_id }: { owner_id: string }) => owner_id === ann.userId)).toMatchObject({
    ...{ files: left.data.length, bytes: left.data.reduce((sum: number, { size }: { size: number }) => sum + size, 0) },
  })
  const audit = (await root.get('/admin/audit?event_type=file_removed')).json.data
  expect(audit).toHaveLength(5)
  expect(audit.at(-1)).toMatchObject({
    ...{ user_id: ann.userId, resource: { type: 'file', id: one }, actor: { id: root.userId, kind: 'user' } },
  })
})

it('AZ6: whose owner stands above stays; a moderator and a member see nothing; an old proof removes nothing', async () => {
  await root.post('/admin/roles', { name: 'keeper', permissions: ['storage:*'], inherits: ['user'] })
  const keeper = await app.holderOf(['keeper'])
  const moderator = await app.holderOf(['moderator'])
  const roots = await put(root, 'plan.txt', 'of root')
  const bobs = await put(bob, 'plan.txt', 'of bob')
  expect((await keeper.get('/admin/files')).status).toBe(200)
  expect(outcome(await remove(roots, keeper))).toEqual([403, 'forbidden'])
  expect((await root.get(`/files/${roots}`)).status).toBe(200)
  for (const who of [moderator, bob]) {
    expect([(await who.get('/admin/files')).status, (await who.get('/admin/files/usage')).status]).toEqual([403, 403])
    expect((await remove(bobs, who)).status).toBe(403)
  }
  expect((await remove(bobs, keeper)).status).toBe(204)
  expect((await remove('01890000-0000-7000-8000-000000000000', keeper)).status).toBe(404)
  app.advance(601)
  expect(outcome(await remove(roots))).toEqual([403, 'reauthentication_required'])
})
