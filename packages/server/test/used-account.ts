import { randomBytes } from 'node:crypto'
import { approve, pathOf } from './dev-sign-in.ts'
import { fileForm, upload } from './file-form.ts'
import { beginGroup, say } from './groups.ts'
import { picture } from './pictures.ts'
import { PushBrowser } from './push-service.ts'
import { addPasskey, addTotp } from './second-factors.ts'
import { SoftwareAuthenticator } from './software-authenticator.ts'
import { type Answer, password, type TestApp, type Visitor } from './test-app.ts'

export const ok = async (asked: Promise<Answer>): Promise<Answer> => {
  const answer = await asked
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.body}`)
  return answer
}

/** Words that stand nowhere by chance: of the person, by what they are. */
export class Marks {
  readonly values = new Map<string, string>()
  of(what: string, make = (random: string) => `zq${random}${what}`): string {
    const value = make(randomBytes(6).toString('hex'))
    this.values.set(what, value)
    return value
  }
  add(what: string, value: string): string {
    this.values.set(what, value)
    return value
  }
  in(text: string): string[] {
    const lower = text.toLowerCase()
    return [...this.values].filter(([, value]) => lower.includes(value.toLowerCase())).map(([what]) => what)
  }
}

export interface UsedAccount {
  who: Visitor
  marks: Marks
  /** What others keep by design. */
  kept: Marks
}

/** An account that has used everything, and what is known of it. Ben is there already. */
export async function useEverything(app: TestApp, ben: Visitor): Promise<UsedAccount> {
  const [marks, kept] = [new Marks(), new Marks()]
  const first = marks.of('before', (random) => `zq${random}`)
  const who = app.visitor()
  const network = marks.add('ip', '2001:db8:77aa:77bb::77cc')
  who.headers = { 'user-agent': marks.of('agent'), 'x-forwarded-for': network }
  const email = marks.of('mail', (random) => `zq${random}@example.org`)
  const registered = await ok(who.post('/auth/register', { username: first, email, password }))
  Object.assign(who, { userId: registered.json.user.id, username: first })
  await app.database.unitOfWork(({ tx }) =>
    tx.updateTable('users').set({ email_verified: 1 }).where('id', '=', who.userId).execute(),
  )
  await ok(
    who.patch('/users/me', {
      ...{ display_name: marks.of('display'), first_name: marks.of('first'), last_name: marks.of('last') },
      ...{ bio: marks.of('bio'), date_of_birth: '1971-02-03', country: 'IS', time_zone: 'Atlantic/Reykjavik' },
    }),
  )
  marks.add('birth', '1971-02-03')
  marks.add('zone', 'Atlantic/Reykjavik')
  const form = fileForm([['file', { name: marks.of('picture name'), type: 'image/png', bytes: await picture(64, 64) }]])
  await ok(who.send('PUT', '/users/me/avatar', form.body, { 'content-type': form.type }))

  await talk(who, ben, { marks, kept })
  await keepThings(who, marks)
  await secure(app, who, marks)

  const name = marks.of('name', (random) => `zq${random}n`)
  await ok(who.put('/users/me/username', { username: name, password }))
  await ok(
    who.post('/users/me/email', { new_email: marks.of('new mail', (random) => `zq${random}@example.net`), password }),
  )
  const stranger = app.visitor()
  stranger.headers = who.headers
  await stranger.post('/auth/login', { identifier: name, password: marks.of('wrong password') })
  await ok(stranger.post('/auth/password-reset', { email }))
  return { who, marks, kept }
}

async function talk(who: Visitor, ben: Visitor, { marks, kept }: Pick<UsedAccount, 'marks' | 'kept'>): Promise<void> {
  const room = await beginGroup(who, [ben], { title: kept.of('title') })
  const first = await ok(say(who, room, kept.of('text'), {}))
  await ok(who.patch(`/messages/${first.json.id}`, { text: kept.of('edited') }))
  const attachment = await ok(
    upload(
      who,
      { name: `${kept.of('attachment')}.txt`, type: 'text/plain', bytes: kept.of('attached') },
      { purpose: 'attachment' },
    ),
  )
  await ok(say(who, room, 'see this', { attachment_ids: [attachment.json.id] }))
  await ok(who.put(`/bookmarks/${first.json.id}`))
  await ok(who.post(`/conversations/${room}/invites`, {}))
  await ok(ben.post('/reports', { target_type: 'message', target_id: first.json.id, reason: 'spam' }))
  await ok(
    who.post('/reports', { target_type: 'user', target_id: ben.userId, reason: 'spam', comment: marks.of('comment') }),
  )
  await ok(say(ben, room, 'hello'))
  // Nobody else is there.
  const alone = await beginGroup(who, [], { title: marks.of('own title'), description: marks.of('own description') })
  await ok(say(who, alone, marks.of('own text')))
  const own = await ok(
    upload(
      who,
      { name: `${marks.of('own file')}.txt`, type: 'text/plain', bytes: marks.of('own bytes') },
      { purpose: 'attachment' },
    ),
  )
  await ok(say(who, alone, 'mine', { attachment_ids: [own.json.id] }))
  const asked = await ok(who.post('/friend-requests', { username: ben.username }))
  await ok(ben.post(`/friend-requests/${asked.json.id}/accept`))
}

async function keepThings(who: Visitor, marks: Marks): Promise<void> {
  await ok(upload(who, { name: `${marks.of('file')}.txt`, type: 'text/plain', bytes: marks.of('bytes').repeat(900) }))
  const shown = await ok(upload(who, { name: 'a.png', type: 'image/png', bytes: await picture(900, 700) }))
  await who.get(`/files/${shown.json.id}/content?w=256`)
  const words = (text: string) => Buffer.from(text).toString('base64')
  const tus = { 'tus-resumable': '1.0.0' }
  const begun = await ok(
    who.send('POST', '/files/tus', undefined, {
      ...tus,
      ...{ 'upload-length': '500', 'upload-metadata': `filename ${words(marks.of('begun'))}` },
    }),
  )
  await ok(
    who.send('PATCH', String(begun.headers.location), Buffer.from(marks.of('partial')), {
      ...tus,
      ...{ 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
    }),
  )
  const geometry = { type: 'Point', coordinates: [-21.987654321, 64.123456789] }
  const place = { name: marks.of('place'), geometry, properties: { note: marks.of('note') } }
  marks.add('coordinates', '21.98765432')
  await ok(who.post('/places', place, { 'idempotency-key': marks.of('repeated') }))
  await ok(who.put('/users/me/location', { lon: -21.8912345, lat: 64.1212345, accuracy_m: 5 }))
  await ok(who.put('/users/me/presence', { state: 'dnd', text: marks.of('presence') }))
  await ok(who.put('/users/me/notification-preferences', { digest: 'hourly' }))
  await ok(
    who.post(
      '/users/me/push-subscriptions',
      new PushBrowser(`https://push.example.com/${marks.of('endpoint')}`).subscription,
    ),
  )
}

async function secure(app: TestApp, who: Visitor, marks: Marks): Promise<void> {
  const laptop = new SoftwareAuthenticator()
  await ok(addPasskey(who, laptop, marks.of('passkey')))
  const passkeys = app.database.db.selectFrom('passkeys').select('credential_id').where('user_id', '=', who.userId)
  marks.add('passkey id', (await passkeys.executeTakeFirstOrThrow()).credential_id)
  const phone = await addTotp(app, who)
  marks.add('seed', phone.secret)
  const key = await ok(who.post('/users/me/api-keys', { name: marks.of('api key'), scopes: ['account:read'] }))
  await ok(app.visitor().get('/users/me', { ...who.headers, 'x-api-key': key.json.key }))
  // The development provider answers the machine itself only.
  const { 'x-forwarded-for': network = '', ...near } = who.headers
  who.headers = near
  const linking = await ok(who.post('/oauth/dev/link'))
  const there = marks.of('mail there', (random) => `zq${random}@example.com`)
  const back = await approve(who, new URL(linking.json.url), { name: marks.of('name there'), email: there })
  await who.get(pathOf(back))
  who.headers = { ...near, 'x-forwarded-for': network }
  const identity = await app.database.db
    .selectFrom('identities')
    .select('subject')
    .where('user_id', '=', who.userId)
    .executeTakeFirstOrThrow()
  marks.add('subject', identity.subject)
}
