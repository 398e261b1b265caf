import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signInWithDev } from '../../../test/dev-sign-in.ts'
import { type Answer, createTestApp, type TestApp } from '../../../test/test-app.ts'

const appOrigin = 'https://app.example.com'
let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ ALLOWED_ORIGINS: appOrigin })
})
afterAll(() => app.drop())

const setCookies = (answer: Answer): string[] => [answer.headers['set-cookie'] ?? []].flat().map(String)

describe('apps', () => {
  const verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = { token_delivery: 'body', code_challenge, redirect_to: `${appOrigin}/signed-in?a=b` }

  const codeFor = async (email: string) => {
    const answer = await signInWithDev(app.visitor(), { email }, query)
    const url = new URL(String(answer.headers.location))
    expect(url.href).toMatch(/^https:\/\/app\.example\.com\/signed-in\?a=b&code=/)
    expect(setCookies(answer)).toEqual([])
    return url.searchParams.get('code') ?? ''
  }

  it('swap a code for tokens, once', async () => {
    const code = await codeFor('app@example.com')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => app.visitor().post('/oauth/exchange', { code, code_verifier: verifier })),
    )
    const good = answers.filter((answer) => answer.status === 200)
    expect(good).toHaveLength(1)
    expect(new Set(answers.filter((answer) => answer !== good[0]).map((answer) => answer.json.code))).toEqual(
      new Set(['link_invalid']),
    )
    const { json, headers } = good[0] as Answer
    expect(json).toMatchObject({ status: 'complete', user: { email: 'app@example.com' } })
    expect(headers['set-cookie']).toBeUndefined()
    const me = await app.visitor().get('/users/me', { authorization: `Bearer ${json.access_token}` })
    expect(me.json.email).toBe('app@example.com')
  })

  it('#33 cannot use a code without the verifier it was asked for with, nor a second time then', async () => {
    const code = await codeFor('app2@example.com')
    const wrong = { code, code_verifier: randomBytes(32).toString('base64url') }
    expect((await app.visitor().post('/oauth/exchange', wrong)).json).toMatchObject({
      status: 400,
      code: 'link_invalid',
    })
    const right = { code, code_verifier: verifier }
    expect((await app.visitor().post('/oauth/exchange', right)).status).toBe(400)
  })

  it('have a minute for it', async () => {
    const late = await createTestApp()
    const answer = await signInWithDev(late.visitor(), {}, { ...query, redirect_to: '/native' })
    const code = new URL(String(answer.headers.location), 'http://x').searchParams.get('code')
    late.advance(61)
    const swap = await late.visitor().post('/oauth/exchange', { code, code_verifier: verifier })
    expect(swap.json).toMatchObject({ status: 400, code: 'link_invalid' })
    await late.drop()
  })

  it('need a challenge, and are no page in a browser', async () => {
    const { code_challenge: _, ...without } = query
    expect((await app.visitor().get(`/oauth/dev/initiate?${new URLSearchParams(without)}`)).status).toBe(422)
    const page = { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8000' }
    const body = { code: await codeFor('page@example.com'), code_verifier: verifier }
    expect((await app.visitor().post('/oauth/exchange', body, page)).json).toMatchObject({ status: 403 })
  })

  it.each(['https://evil.example/', 'https://app.example.com.evil.example/', 'https://a@app.example.com/', 'app://in'])(
    'come back to listed origins only, not to %s',
    async (redirect_to) => {
      const answer = await signInWithDev(app.visitor(), { email: 'strange@example.com' }, { ...query, redirect_to })
      expect(String(answer.headers.location)).toMatch(/^\/\?code=/)
    },
  )
})
