import { afterAll, beforeAll, expect, it } from 'vitest'
import { Browser } from '../../../test/browser.ts'
import { type HonestIssuer, startHonestIssuer } from '../../../test/honest-issuer.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
let issuer: HonestIssuer
let origin: string
beforeAll(async () => {
  issuer = await startHonestIssuer({
    sub: 'somebody',
    email: 'somebody@example.com',
    email_verified: true,
    name: 'Some Body',
  })
  app = await createTestApp(
    {
      PORT: '0',
      GOOGLE_CLIENT_ID: issuer.clientId,
      GOOGLE_CLIENT_SECRET: issuer.clientSecret,
      OIDC_REAL_ISSUER: issuer.url,
      OIDC_REAL_CLIENT_ID: issuer.clientId,
      OIDC_REAL_CLIENT_SECRET: issuer.clientSecret,
    },
    { providerAddresses: { google: issuer.url } },
  )
  origin = `http://localhost:${await app.listen()}`
})
afterAll(async () => {
  await app.drop()
  issuer.stop()
})

const me = async (browser: Browser) => {
  const cookie = [...browser.cookies(origin)].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await fetch(`${origin}/api/v1/users/me`, { headers: { cookie } })
  return (await answer.json()) as Record<string, unknown>
}

it.each([
  ['real', false],
  ['google', true],
])('O02 signs in over the wire with a certified provider, as %s', async (id, trusted) => {
  issuer.open(`${origin}/oauth/${id}/callback`)
  issuer.person = { ...issuer.person, sub: `somebody-at-${id}`, email: `${id}@example.com` }
  const browser = new Browser()
  await browser.open(`${origin}/oauth/${id}/initiate?redirect_to=/health`)
  expect(browser.visited[0]).toBe(`${origin}/oauth/${id}/initiate?redirect_to=/health`)
  expect(browser.visited.at(-1)).toBe(`${origin}/health`)
  const callback = new URL(browser.visited.at(-2) ?? '')
  expect(callback.pathname).toBe(`/oauth/${id}/callback`)
  expect([...callback.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state'])
  expect(browser.visited.join(' ')).not.toMatch(/ey[JA-Z]|token/)
  expect(await me(browser)).toMatchObject({
    username: expect.stringMatching(/^Some\.Body/),
    email: `${id}@example.com`,
    email_verified: trusted,
  })
  const again = new Browser()
  await again.open(`${origin}/oauth/${id}/initiate`)
  expect((await me(again)).id).toBe((await me(browser)).id)
})

it('W05 signs in over the wire with the development provider, whose page takes a form', async () => {
  const browser = new Browser()
  const page = await browser.open(`${origin}/oauth/dev/initiate?redirect_to=/health`)
  expect(page.status).toBe(200)
  const html = await page.text()
  const form = new URLSearchParams(
    [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(
      ([, name = '', value = '']): [string, string] => [
        name,
        value.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code))),
      ],
    ),
  )
  form.set('name', 'Dev Person')
  form.set('email', 'dev@example.com')
  await browser.open(`${origin}/dev/oidc/approve?${form}`)
  expect(browser.visited.at(-1)).toBe(`${origin}/health`)
  expect(await me(browser)).toMatchObject({ email: 'dev@example.com', email_verified: true })
})
