import { createECDH } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../test/databases.ts'
import { PushBrowser } from '../../../test/push-service.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

const path = '/users/me/push-subscriptions'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

describe('the key', () => {
  const keyOf = async (one: TestApp) => (await (await one.person()).get('/push/vapid-key')).json.public_key

  it('is made once for all processes, kept sealed, and of the settings where they say it', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => app.services.vapidKeys.get()))
    expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1)
    const row = app.database.db.selectFrom('installation').select('value').where('name', '=', 'vapid_private_key')
    const { value } = await row.executeTakeFirstOrThrow()
    expect(value).not.toContain(keys[0]?.privateKey)
    const privateKey = Buffer.alloc(32, 7).toString('base64url')
    const given = await createTestApp({ VAPID_PRIVATE_KEY: privateKey })
    const pair = createECDH('prime256v1')
    pair.setPrivateKey(Buffer.alloc(32, 7))
    expect(await keyOf(given)).toBe(pair.getPublicKey('base64url'))
    expect(JSON.stringify(given.config.sources)).not.toContain(privateKey)
    await given.drop()
  })

  it('survives a restart; under another SECRET_KEY there is a new one, and nobody is subscribed', async () => {
    const database = await createTestDatabase()
    const start = (more: Record<string, string> = {}) => createTestApp(more, {}, { ...database, drop: async () => {} })
    let one = await start()
    const bob = await one.person('keeper')
    const key = (await bob.get('/push/vapid-key')).json.public_key
    await bob.post(path, new PushBrowser('http://127.0.0.1:9/kept').subscription)
    await one.drop()
    one = await start()
    expect(await keyOf(one)).toBe(key)
    expect(await one.database.db.selectFrom('push_subscriptions').select('id').execute()).toHaveLength(1)
    await one.drop()
    one = await start({ SECRET_KEY: 'qpwoeirutyalskdjfhg-zmxncbv-1029384756' })
    const other = await one.services.vapidKeys.get()
    expect(other.publicKey).not.toBe(key)
    expect(await one.database.db.selectFrom('push_subscriptions').select('id').execute()).toEqual([])
    await one.drop()
    await database.drop()
  })
})
