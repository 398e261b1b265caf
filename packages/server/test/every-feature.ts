import { approve, pathOf } from './dev-sign-in.ts'
import { upload } from './file-form.ts'
import { beginGroup, say } from './groups.ts'
import { PushBrowser } from './push-service.ts'
import { type AppOnPhone, addPasskey, addTotp } from './second-factors.ts'
import { SoftwareAuthenticator } from './software-authenticator.ts'
import type { Answer, TestApp, Visitor } from './test-app.ts'

export interface FilledInstallation {
  ann: Visitor
  ben: Visitor
  root: Visitor
  room: string
  phone: AppOnPhone
  laptop: SoftwareAuthenticator
  apiKey: string
  fileId: string
  fileBytes: Buffer
  uploadId: string
  messages: number
}

const odd = `ünï 🙂 'quoted' "twice" \\ \u00e9\u0301 %_`

/** One way or another a row in every table of ours: a new table makes its reader fail until it is used here too. */
export async function useEveryFeature(app: TestApp): Promise<FilledInstallation> {
  const root = await app.holderOf(['admin'], 'root-of-all')
  const [ann, ben, cyd] = [
    await app.person('ann-of-all'),
    await app.person('ben-of-all'),
    await app.person('cyd-of-all'),
  ]
  await proveAddress(app, ben)
  const room = await talk(app, { ann, ben, cyd, root })
  const files = await storeFiles(app, { ann, ben })
  const secrets = await secure(app, ann)

  await ok(ann.put('/users/me/username', { username: 'ann-renamed', password: 'a quiet harbour at dawn' }))
  ann.username = 'ann-renamed'
  await app.visitor().post('/auth/login', { identifier: 'nobody-here', password: 'wrong words entirely' })
  await ok(app.visitor().post('/auth/password-reset', { email: 'ben-of-all@example.com' }))

  const asked = await ok(ann.post('/friend-requests', { username: ben.username }))
  await ok(ben.post(`/friend-requests/${asked.json.id}/accept`))
  await ok(cyd.post('/friend-requests', { username: ben.username }))
  await ok(ben.put(`/blocks/${root.userId}`))
  await ok(cyd.post('/reports', { target_type: 'user', target_id: ben.userId, reason: 'spam', comment: odd }))
  await ok(root.post('/admin/bans', { reason: 'spam', user_id: cyd.userId }))

  const geometry = { type: 'Point', coordinates: [13.404954, 52.520008] }
  await ok(ann.post('/places', { name: `Café “z” ${odd}`, geometry, properties: { b: 1.5, a: [true, null, 'ä'] } }))
  await ok(ann.put('/users/me/location', { lon: 8.54021, lat: 47.37791, accuracy_m: 12 }))
  await ok(ann.put('/users/me/presence', { state: 'dnd', text: odd }))

  await ok(ann.put('/users/me/notification-preferences', { digest: 'hourly', push_previews: false }))
  await ok(ann.post('/users/me/push-subscriptions', new PushBrowser('https://push.example.com/of-ann').subscription))
  const role = { name: 'tellers', permissions: ['messages:read'], inherits: ['user'] }
  await ok(root.post('/admin/roles', role))
  await ok(
    root.post('/admin/data/tables', { name: 'notes', columns: [{ name: 'text', type: 'text', nullable: true }] }),
  )
  await ok(root.put('/admin/data/tables/notes', { exposed: true, realtime: true, revisions: true }))
  await ok(root.post('/data/notes', { text: odd }))
  await ok(ann.post('/places', { name: 'once', geometry }, { 'idempotency-key': 'place-once' }))
  const hook = { name: odd, url: 'https://hooks.example.com/x', events: ['login_success'], filter: { success: true } }
  const made = await ok(root.post('/webhooks', hook))
  await ok(root.post(`/webhooks/${made.json.id}/test`))
  const gone = await app.person('gone-of-all')
  await ok(root.delete(`/admin/users/${gone.userId}?mode=erase`))
  await ok(root.put('/admin/settings', { values: { PLACES_PER_PERSON: '50' } }))
  await ok(root.post('/admin/announcements', { text: odd }))
  await ok(ann.post('/doctor/report', { findings: [{ id: 'browser_clock', detail: odd }], comment: odd }))
  // What was not read for so long is mailed.
  app.advance(3_600)
  await app.services.notificationDigest.run()
  await app.services.auditChain.seal()
  return { ann, ben, root, room: room.id, messages: room.messages, ...files, ...secrets }
}

async function ok(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.body}`)
  return answer
}

const proveAddress = (app: TestApp, who: Visitor) =>
  app.database.unitOfWork(({ tx }) =>
    tx.updateTable('users').set({ email_verified: 1 }).where('id', '=', who.userId).execute(),
  )

type People = Record<'ann' | 'ben' | 'cyd' | 'root', Visitor>

async function talk(app: TestApp, { ann, ben, cyd, root }: People): Promise<{ id: string; messages: number }> {
  await app.conversation(ann, ben)
  const id = await beginGroup(ann, [ben, cyd, root], { title: odd })
  const sent: Answer[] = []
  for (let i = 0; i < 20; i++) sent.push(await ok(say(ann, id, `hello ${i} ${odd} @${ben.username}`)))
  const [first, second, third] = sent.map(({ json }) => json.id)
  await ok(ann.patch(`/messages/${first}`, { text: `edited ${odd}` }))
  await ok(ben.put(`/messages/${first}/reactions/${encodeURIComponent('👍')}`))
  await ok(ben.delete(`/messages/${second}?for=me`))
  await ok(ann.put(`/conversations/${id}/pins/${third}`))
  await ok(ben.put(`/bookmarks/${third}`))
  await ok(ann.post(`/conversations/${id}/invites`, {}))
  await ok(ann.delete(`/conversations/${id}/members/${root.userId}?ban=true`))
  const picture = await ok(upload(ann, { name: 'a.txt', type: 'text/plain', bytes: odd }, { purpose: 'attachment' }))
  await ok(say(ann, id, odd, { attachment_ids: [picture.json.id] }))
  return { id, messages: sent.length + 1 }
}

async function storeFiles(app: TestApp, { ann, ben }: Pick<People, 'ann' | 'ben'>) {
  const fileBytes = Buffer.from('bytes of a file, however many '.repeat(5_000))
  const kept = await ok(
    upload(ann, { name: `${odd}.txt`.replaceAll(/["\\]/g, ''), type: 'text/plain', bytes: fileBytes }),
  )
  const tus = { 'tus-resumable': '1.0.0' }
  const begun = await ok(ben.send('POST', '/files/tus', undefined, { ...tus, 'upload-length': '10' }))
  const uploadId = String(begun.headers.location).split('/').at(-1) ?? ''
  const sending = { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }
  await ok(ben.send('PATCH', `/files/tus/${uploadId}`, Buffer.from('01234'), sending))
  // One that the storage would not take out yet.
  const removal = { storage_key: 'objects/00/gone', due_at: '2999-01-01T00:00:00.000Z', attempts: 3 }
  // And a search index that is still being brought up to date after an update.
  const progress = { id: 'beginnings', message_id: null }
  await app.database.unitOfWork(async ({ tx }) => {
    await tx.insertInto('file_removals').values(removal).execute()
    await tx.insertInto('message_search_progress').values(progress).execute()
  })
  return { fileId: kept.json.id as string, fileBytes, uploadId }
}

async function secure(app: TestApp, ann: Visitor) {
  const laptop = new SoftwareAuthenticator()
  await ok(addPasskey(ann, laptop))
  const phone = await addTotp(app, ann)
  const made = await ok(ann.post('/users/me/api-keys', { name: 'reads', scopes: ['account:read'] }))
  const linking = await ok(ann.post('/oauth/dev/link'))
  const back = await approve(ann, new URL(linking.json.url), { name: 'Ann There', email: 'elsewhere@example.org' })
  await ann.get(pathOf(back))
  return { laptop, phone, apiKey: made.json.key as string }
}
