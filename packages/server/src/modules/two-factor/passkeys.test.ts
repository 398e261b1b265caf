import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addPasskey } from '../../../test/second-factors.ts'
import { SoftwareAuthenticator } from '../../../test/software-authenticator.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

describe('a passkey', () => {
  it.each(['ES256', 'EdDSA', 'RS256'] as const)('is added and proves who somebody is (%s)', async (algorithm) => {
    const ann = await app.person()
    const authenticator = new SoftwareAuthenticator({ algorithm })
    const added = await addPasskey(ann, authenticator)
    expect(added.status).toBe(201)
    const { passkeys } = app.services
    const options = await passkeys.requestOptions('sign_in')
    expect(await passkeys.verify('sign_in', authenticator.get(options))).toEqual({
      userId: ann.userId,
      userVerified: true,
    })
  })
})
