import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ada: Visitor
let ben: Visitor
let file: { id: string; url: string }
beforeAll(async () => {
  app = await createTestApp({ SECRET_KEYS_OLD: 'an-older-secret-of-this-installation-9283' })
  ada = await app.person('ada')
  ben = await app.person('ben')
  file = (await upload(ada, { name: 'a.txt', bytes: 'shared' })).json
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const sign = (who: Visitor, body: object = { expires_in: 60 }) => who.post(`/files/${file.id}/signed-url`, body)
/** The link, with parts of its query changed; undefined leaves one out. */
async function open(link: string, change: Record<string, string | undefined> = {}, id = file.id): Promise<Answer> {
  const url = new URL(link)
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return app.visitor().get(url.pathname.replace(file.id, id) + url.search)
}

describe('a signed link', () => {
  it('opens the file to whoever has it, until it ends', async () => {
    const own = await createTestApp()
    const owner = await own.person()
    const { json } = await upload(owner, { name: 'a.txt', bytes: 'shared' })
    const made = await owner.post(`/files/${json.id}/signed-url`, { expires_in: 60 })
    const { pathname, search, origin } = new URL(made.json.url)
    expect([made.status, origin]).toEqual([200, own.config.publicUrl.origin])
    const left = Date.parse(made.json.expires_at) - own.now().getTime()
    expect(left).toBeGreaterThan(50_000)
    expect(left).toBeLessThanOrEqual(60_000)
    const read = () => own.visitor().get(pathname + search)
    expect([(await read()).status, (await read()).body]).toEqual([200, 'shared'])
    expect((await own.visitor().send('HEAD', pathname + search)).status).toBe(200)
    own.advance(61)
    expect(outcome(await read())).toEqual([403, 'forbidden'])
    await own.drop()
  })

  it('says how it is to be shown', async () => {
    const { url } = (await sign(ada, { expires_in: 60, download: true })).json
    expect(String((await open(url)).headers['content-disposition'])).toMatch(/^attachment/)
    expect(outcome(await open(url, { download: undefined }))).toEqual([403, 'forbidden'])
  })

  it.each([[0], [604_801], [-1], [1.5], ['60'], [undefined]])('does not live for %s seconds', async (expires_in) => {
    expect(outcome(await sign(ada, { expires_in }))).toEqual([422, 'validation_failed'])
  })

  it('FI4: is made by the owner only', async () => {
    expect(outcome(await sign(ben))).toEqual([404, 'not_found'])
    await ada.patch(`/files/${file.id}`, { visibility: 'public' })
    expect(outcome(await sign(ben))).toEqual([403, 'forbidden'])
    await ada.patch(`/files/${file.id}`, { visibility: 'private' })
  })
})

describe('M49 FI4: a link that was changed', () => {
  const later = String(Math.floor(Date.now() / 1000) + 600_000)
  it.each([
    ['another end', { expires: later }],
    ['no end', { expires: undefined }],
    ['an end in the year 40000', { expires: '1200000000000' }],
    ['no signature', { signature: undefined }],
    ['an empty signature', { signature: '' }],
    ['another signature', { signature: 'A'.repeat(43) }],
    ['to be saved instead', { download: 'true' }],
  ] as [string, Record<string, string | undefined>][])('M49: %s', async (_name, change) => {
    const { url } = (await sign(ada)).json
    expect((await open(url)).status).toBe(200)
    expect(outcome(await open(url, change))).toEqual([403, 'forbidden'])
  })

  it('M49: another file, another method, another kind of content', async () => {
    const { url } = (await sign(ada)).json
    const other = (await upload(ada, { bytes: 'other' })).json.id
    for (const id of [other, '01890000-0000-7000-8000-000000000000']) {
      expect(outcome(await open(url, {}, id))).toEqual([403, 'forbidden'])
    }
    const { pathname, search } = new URL(url)
    for (const method of ['PATCH', 'DELETE'] as const) {
      expect((await app.visitor().send(method, pathname + search)).status).toBe(405)
      expect((await app.visitor().send(method, pathname.replace('/content', '') + search)).status).toBe(401)
    }
    expect(outcome(await open(url, { content_type: 'text/html' }))).toEqual([422, 'unknown_field'])
  })

  it('FI4: nothing opens a file that is gone', async () => {
    const { id } = (await upload(ada, { bytes: 'going' })).json
    const { url } = (await ada.post(`/files/${id}/signed-url`, { expires_in: 60 })).json
    await ada.delete(`/files/${id}`)
    const { pathname, search } = new URL(url)
    expect(outcome(await app.visitor().get(pathname + search))).toEqual([404, 'not_found'])
  })
})

it('M49: a key that was replaced is believed until it is taken from the list', async () => {
  const { deriveKeys } = await import('../../platform/keys.ts')
  const { SignedLinks } = await import('./signed-links.ts')
  const { files } = app.services
  const { publicUrl } = app.config
  const linksOf = (secret: string, old: string[] = []) =>
    new SignedLinks({ files, keys: deriveKeys(secret, old).fileLinks, publicUrl, now: app.now })
  const { userId, sessionId } = ada
  const actor = { userId, sessionId, kind: 'user', roles: [], permissions: ['files:*'], status: 'active' } as const
  const more = { mfaOwed: false, impersonatorId: null, authTime: 0, aal: 1 } as const
  const make = (links: InstanceType<typeof SignedLinks>) =>
    links.make({ ...actor, ...more }, file.id, { expires_in: 60 })
  const old = await make(linksOf('an-older-secret-of-this-installation-9283'))
  const strange = await make(linksOf('a-secret-of-another-installation-29834'))
  expect((await open(old.url)).status).toBe(200)
  expect((await open(strange.url)).status).toBe(403)
})
