import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

it.each(['/docs', '/redoc'])('AP3: every script and style of %s is this server’s own', async (path) => {
  const { body } = await app.visitor().get(path)
  const addresses = [...body.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address = '']) => address)
  expect(addresses.length).toBeGreaterThan(0)
  for (const address of addresses) {
    const at = new URL(address, `https://atrium.example${path}`)
    expect(at.origin).toBe('https://atrium.example')
    const answer = await app.visitor().get(at.pathname)
    expect([at.pathname, answer.status]).toEqual([at.pathname, 200])
    expect(answer.body.length).toBeGreaterThan(100)
  }
})
