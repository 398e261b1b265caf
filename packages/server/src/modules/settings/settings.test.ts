import { afterEach, expect, it } from 'vitest'
import { createMigratedDatabase } from '../../../test/databases.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import type { RuntimeSetting } from './settings.schema.ts'

let app: TestApp
afterEach(() => app.drop())

const setting = async (root: Visitor, name: string): Promise<RuntimeSetting> =>
  (await root.get('/admin/settings')).json.data.find((each: RuntimeSetting) => each.name === name)
const put = (root: Visitor, values: Record<string, string | null>) => root.put('/admin/settings', { values })

it('a setting that is changed counts at once, is written down with old and new value, and goes back', {
  timeout: 90_000,
}, async () => {
  app = await createTestApp({ MESSAGE_EDIT_MINUTES: '30' })
  const root = await app.holderOf(['admin'])
  expect(await setting(root, 'GUEST_ACCOUNTS')).toMatchObject({
    ...{ kind: 'boolean', value: 'false', default: 'false', source: 'default', editable: true, changed_at: null },
  })
  expect(await setting(root, 'MESSAGE_EDIT_MINUTES')).toMatchObject({
    ...{ kind: 'integer', minimum: 0, maximum: 525_600, value: '30', source: 'environment', editable: false },
  })
  expect((await app.visitor().post('/auth/guest', {})).status).toBe(403)

  const changed = await put(root, { GUEST_ACCOUNTS: 'true', MINIMUM_AGE: '18', PASSWORD_POLICY: 'strict' })
  expect(changed.status).toBe(200)
  expect(await setting(root, 'GUEST_ACCOUNTS')).toMatchObject({ value: 'true', source: 'stored' })
  expect((await app.visitor().post('/auth/guest', {})).status).toBe(200)
  expect((await root.get('/meta')).json).toMatchObject({
    ...{ features: { guests: true }, registration: { minimum_age: 18, required_fields: ['date_of_birth'] } },
    password_policy: { name: 'strict', min_length: 15 },
  })
  const young = { username: 'xaver', email: 'xaver@example.com', password: 'a quiet harbour at dawn' }
  expect((await app.visitor().post('/auth/register', young)).json.errors).toEqual([
    expect.objectContaining({ pointer: '/date_of_birth', code: 'required' }),
  ])

  const history = (await root.get('/admin/settings/history?name=GUEST_ACCOUNTS')).json.data
  expect(history).toEqual([
    expect.objectContaining({
      ...{ name: 'GUEST_ACCOUNTS', old_value: null, new_value: 'true' },
      changed_by: expect.objectContaining({ id: root.userId }),
    }),
  ])
  const audit = (await root.get('/admin/audit?event_type=system_config_changed')).json.data
  expect(audit).toHaveLength(3)
  expect(audit).toContainEqual(
    expect.objectContaining({
      ...{ resource: { type: 'setting', id: 'MINIMUM_AGE' }, detail: { old_value: null, new_value: '18' } },
    }),
  )

  await put(root, { GUEST_ACCOUNTS: history[0].old_value, MINIMUM_AGE: null, PASSWORD_POLICY: 'standard' })
  expect(await setting(root, 'GUEST_ACCOUNTS')).toMatchObject({ value: 'false', source: 'default' })
  expect((await app.visitor().post('/auth/guest', {})).status).toBe(403)
  expect((await app.visitor().post('/auth/register', young)).status).toBe(201)
  // What stays as it is, is no change.
  await put(root, { PASSWORD_POLICY: 'standard' })
  const first = (await root.get('/admin/settings/history?limit=4')).json
  const rest = (await root.get(`/admin/settings/history?limit=4&cursor=${first.page.next_cursor}`)).json
  expect([first.data.length, rest.data.length]).toEqual([4, 2])
})

it('nothing is changed by values that do not fit, by those that are the operator’s, or by who may not', async () => {
  app = await createTestApp({ MESSAGE_EDIT_MINUTES: '30' })
  const root = await app.holderOf(['admin'])
  const refused = await put(root, {
    ...{ MESSAGE_EDIT_MINUTES: '5', SECRET_KEY: 'x', DATABASE_URL: 'sqlite:///x', PLACES_PER_PERSON: '7' },
  })
  expect(refused.status).toBe(422)
  expect(refused.json.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])).toEqual([
    ['/values/MESSAGE_EDIT_MINUTES', 'read_only'],
    ['/values/SECRET_KEY', 'unknown_field'],
    ['/values/DATABASE_URL', 'unknown_field'],
  ])
  for (const [name, value] of [
    ['FILE_MAX_MB', '0'],
    ['MINIMUM_AGE', 'old'],
    ['PASSWORD_POLICY', 'none'],
    ['ALLOWED_EMAIL_DOMAINS', 'not a domain'],
    ['REQUIRED_PROFILE_FIELDS', 'shoe_size'],
  ] as const) {
    const answer = await put(root, { [name]: value, PLACES_PER_PERSON: '7' })
    expect([name, answer.status, answer.json.errors[0].pointer]).toEqual([name, 422, `/values/${name}`])
  }
  expect((await root.get('/admin/settings/history')).json.data).toEqual([])
  expect(await setting(root, 'PLACES_PER_PERSON')).toMatchObject({ source: 'default' })

  const ann = await app.person('ann')
  for (const path of ['/admin/settings', '/admin/settings/history', '/admin/config'])
    expect((await ann.get(path)).status).toBe(403)
  expect((await put(ann, { PLACES_PER_PERSON: '7' })).status).toBe(403)
  const config = await root.get('/admin/config')
  expect(config.json.data).toContainEqual(
    expect.objectContaining({ name: 'SECRET_KEY', value: '•••', source: 'environment' }),
  )
  expect(config.body).not.toContain('kdjfhg8374hgf')

  app.advance(601)
  expect((await put(root, { PLACES_PER_PERSON: '7' })).json.code).toBe('reauthentication_required')
})

it('what was changed counts after a start, as far as the operator says nothing else', { timeout: 90_000 }, async () => {
  const database = await createMigratedDatabase()
  const first = await createTestApp({}, {}, database)
  const root = await first.holderOf(['admin'], 'root')
  await put(root, { ACCOUNT_LOCKOUT_THRESHOLD: '1', PLACES_PER_PERSON: '7' })
  await first.close()

  app = await createTestApp({ PLACES_PER_PERSON: '9' }, {}, database)
  expect(app.config.lockout.threshold).toBe(1)
  expect(app.config.placesPerPerson).toBe(9)
  const again = app.visitor()
  expect((await again.post('/auth/login', { identifier: 'root', password })).status).toBe(200)
  expect(await setting(again, 'PLACES_PER_PERSON')).toMatchObject({
    value: '9',
    source: 'environment',
    editable: false,
  })
  const config = (await again.get('/admin/config')).json.data
  expect(config).toContainEqual(
    expect.objectContaining({ name: 'ACCOUNT_LOCKOUT_THRESHOLD', value: '1', source: 'stored' }),
  )
})
