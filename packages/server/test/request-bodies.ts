import { type Answer, password, type TestApp, type Visitor } from './test-app.ts'

/** A route with a body, and text for each of its fields that is fine. */
export interface BodyRoute {
  name: string
  fields: Record<string, string>
  send(body: string | Buffer): Promise<Answer>
}

const json = { 'content-type': 'application/json' }

/** Every route that reads strings from a body; `member` is signed in and belongs to the conversation `room`. */
export function bodyRoutes(app: TestApp, member: Visitor, room: string): BodyRoute[] {
  const post = (url: string) => (body: string | Buffer) => member.post(url, body, json)
  const postSignedOut = (url: string) => (body: string | Buffer) => app.visitor().post(url, body, json)
  const profile = {
    display_name: 'A',
    first_name: 'A',
    last_name: 'A',
    date_of_birth: '2000-01-01',
    country: 'CH',
    locale: 'de',
  }
  const account = { username: 'nadia', email: 'nadia@example.com', password }
  const signIn = { device_name: 'phone', token_delivery: 'cookie' }
  return [
    { name: 'register', fields: { ...account, ...profile, ...signIn }, send: postSignedOut('/auth/register') },
    { name: 'login', fields: { identifier: 'nadia', password, ...signIn }, send: postSignedOut('/auth/login') },
    { name: 'setup', fields: { token: 'x', ...account }, send: postSignedOut('/setup') },
    { name: 'refresh', fields: { refresh_token: 'x' }, send: postSignedOut('/auth/refresh') },
    {
      name: 'profile',
      fields: { ...profile, bio: 'A', time_zone: 'Europe/Zurich' },
      send: (body) => member.patch('/users/me', body, json),
    },
    {
      name: 'password',
      fields: { current_password: password, new_password: 'another quiet harbour' },
      send: (body) => member.put('/users/me/password', body, json),
    },
    { name: 'step-up', fields: { password }, send: post('/auth/reauthenticate') },
    { name: 'authenticator app', fields: { code: '123456' }, send: post('/users/me/mfa/totp/confirm') },
    { name: 'passkey', fields: { name: 'Laptop' }, send: post('/users/me/passkeys') },
    {
      name: 'passkey’s name',
      fields: { name: 'Laptop' },
      send: (body) => member.patch(`/users/me/passkeys/${member.userId}`, body, json),
    },
    {
      name: 'verify',
      fields: { token: 'x', password },
      send: postSignedOut('/auth/verify-email'),
    },
    { name: 'check', fields: { username: 'nadia', email: 'nadia@example.com' }, send: postSignedOut('/auth/check') },
    { name: 'verify again', fields: { email: 'nobody@example.com' }, send: postSignedOut('/auth/resend-verification') },
    { name: 'reset', fields: { email: 'nobody@example.com' }, send: postSignedOut('/auth/password-reset') },
    {
      name: 'new password',
      fields: { email: 'nobody@example.com', code: '00000000', password },
      send: postSignedOut('/auth/password-reset/complete'),
    },
    {
      name: 'name',
      fields: { username: 'nadia', password },
      send: (body) => member.put('/users/me/username', body, json),
    },
    { name: 'address', fields: { new_email: 'nadia@example.com', password }, send: post('/users/me/email') },
    { name: 'confirm address', fields: { code: '00000000' }, send: post('/users/me/email/confirm') },
    { name: 'first password', fields: { new_password: password }, send: post('/users/me/password') },
    { name: 'conversation', fields: { kind: 'direct', username: 'nadia' }, send: post('/conversations') },
    {
      name: 'group',
      fields: { kind: 'group', title: 'A', description: 'A' },
      send: post('/conversations'),
    },
    { name: 'message', fields: { client_id: 'a', text: 'a' }, send: post(`/conversations/${room}/messages`) },
    { name: 'friend request', fields: { username: 'nobody-here' }, send: post('/friend-requests') },
    {
      name: 'report',
      fields: { target_type: 'user', target_id: member.userId, reason: 'spam', comment: 'A' },
      send: post('/reports'),
    },
    { name: 'sync', fields: { epoch: 'x' }, send: post('/sync') },
    { name: 'place', fields: { name: 'A', category: 'A', visibility: 'private' }, send: post('/places') },
    {
      name: 'place’s name',
      fields: { name: 'A', category: 'A' },
      send: (body) => member.patch(`/places/${member.userId}`, body, json),
    },
    {
      name: 'file’s name',
      fields: { name: 'A', visibility: 'private' },
      send: (body) => member.patch(`/files/${member.userId}`, body, json),
    },
    { name: 'file to a bucket', fields: { name: 'A', content_type: 'text/plain' }, send: post('/files/presigned') },
  ]
}

/** What is kept of all that; input that is refused leaves it as it was. */
export async function keptRows({ database: { db } }: TestApp): Promise<unknown> {
  return {
    users: await db.selectFrom('users').selectAll().orderBy('id').execute(),
    sessions: await db.selectFrom('sessions').select(['id', 'revoked_at']).orderBy('id').execute(),
    conversations: await db.selectFrom('conversations').select(['id', 'last_number']).orderBy('id').execute(),
    messages: await db.selectFrom('messages').select(['id', 'text', 'client_id']).orderBy('id').execute(),
    places: await db.selectFrom('places').select(['id', 'name', 'version']).orderBy('id').execute(),
    files: await db.selectFrom('files').select(['id', 'name', 'version']).orderBy('id').execute(),
    events: await db.selectFrom('events').select(['stream_id', 'seq']).orderBy('stream_id').orderBy('seq').execute(),
  }
}
