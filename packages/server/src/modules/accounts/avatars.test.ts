import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileForm } from '../../../test/file-form.ts'
import { connect } from '../../../test/live-client.ts'
import { hugeJpeg, photoWithPlace, picture, rawPng, scriptGif, svgPicture } from '../../../test/pictures.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ada: Visitor
let ben: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  ada = await app.person('ada')
  ben = await app.person('ben')
})
afterAll(() => app.drop())

const setAvatar = (who: Visitor, bytes: Buffer, { field = 'file', name = 'me.png', type = 'image/png' } = {}) => {
  const form = fileForm([[field, { name, type, bytes }]])
  return who.send('PUT', '/users/me/avatar', form.body, { 'content-type': form.type })
}
const outcome = ({ status, json }: Answer) => [status, json?.code]
const objects = () =>
  readdirSync(join(app.config.dataDir, 'files', 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
const me = async (who: Visitor) => (await who.get('/users/me')).json

describe('the picture of a person', () => {
  it('A18 F02: is made anew, a square without metadata, and shown wherever the person is', async () => {
    const answer = await setAvatar(ada, await photoWithPlace(), { name: 'me.jpg', type: 'image/jpeg' })
    expect(answer.status).toBe(200)
    const { avatar } = answer.json
    expect(Object.keys(avatar.sizes)).toEqual(['64', '128', '256'])
    expect((await me(ada)).avatar).toEqual(avatar)
    expect((await ben.get('/users/@ada')).json.avatar).toEqual(avatar)
    expect((await ben.get('/users?search=ada')).json.data[0].avatar).toEqual(avatar)

    const content = await ben.get(avatar.url)
    expect(content.headers).toMatchObject({ 'content-type': 'image/webp', 'cache-control': 'private, max-age=86400' })
    expect(content.body).not.toContain('secret')
    expect(await sharp(content.bytes).metadata()).toMatchObject({ width: 40, height: 40, format: 'webp' })

    const room = await app.conversation(ada, ben)
    const sent = await ada.post(`/conversations/${room}/messages`, { client_id: 'a', text: 'Hello' })
    expect(sent.json.sender.avatar).toEqual(avatar)
    expect((await ben.get('/conversations')).json.data[0].members_preview[0].avatar).toEqual(avatar)
  })

  it('its sizes are what they say', async () => {
    const { avatar } = (await setAvatar(ada, await picture(900, 600))).json
    for (const [side, url] of Object.entries(avatar.sizes)) {
      const { bytes } = await ben.get(url as string)
      expect(await sharp(bytes).metadata()).toMatchObject({ width: Number(side), height: Number(side) })
    }
    expect(await sharp((await ben.get(avatar.url)).bytes).metadata()).toMatchObject({ width: 512, height: 512 })
  })

  it('is shown to those who are signed in only, and its address is nobody’s who has none', async () => {
    const { avatar } = (await setAvatar(ada, await picture(90, 90))).json
    expect((await app.visitor().get(avatar.url)).status).toBe(401)
    expect((await ben.get(avatar.url)).status).toBe(200)
  })

  it('takes the field that other systems send, and one file', async () => {
    expect((await setAvatar(ben, await picture(70, 70), { field: 'profile_picture' })).status).toBe(200)
    expect(outcome(await setAvatar(ben, await picture(70, 70), { field: 'other' }))).toEqual([422, 'validation_failed'])
    expect(outcome(await ben.put('/users/me/avatar', { file: 'x' }))).toEqual([415, 'unsupported_media_type'])
  })

  it('the former one is gone for good, bytes and all; without one there is none', async () => {
    const cleo = await app.person('cleo')
    await app.services.fileRemovals.settled()
    const before = objects()
    const first = (await setAvatar(cleo, await picture(90, 90))).json.avatar
    await ben.get(first.sizes[64])
    const second = (await setAvatar(cleo, await picture(80, 80))).json.avatar
    expect((await ben.get(first.url)).status).toBe(404)
    expect((await ben.get(second.url)).status).toBe(200)
    expect((await cleo.delete('/users/me/avatar')).status).toBe(204)
    expect((await cleo.delete('/users/me/avatar')).status).toBe(204)
    expect((await me(cleo)).avatar).toBeNull()
    expect((await ben.get(second.url)).status).toBe(404)
    await app.services.fileRemovals.settled()
    expect(objects()).toEqual(before)
  })

  it('other devices are told', async () => {
    const dora = await app.person('dora')
    const socket = await connect(app, dora)
    const { avatar } = (await setAvatar(dora, await picture(90, 90))).json
    expect(await socket.hears('account.updated')).toMatchObject({ data: { avatar } })
    await dora.delete('/users/me/avatar')
    await socket.hears('account.updated', ({ data }) => data.avatar === null)
    socket.close()
  })

  it('goes with the account', async () => {
    const erin = await app.person('erin')
    const { avatar } = (await setAvatar(erin, await picture(90, 90))).json
    await app.services.erasure.erase(erin.userId)
    expect((await ben.get(avatar.url)).status).toBe(404)
    const row = await app.database.db.selectFrom('users').selectAll().where('id', '=', erin.userId).executeTakeFirst()
    expect(row?.avatar_file_id).toBeNull()
  })
})

describe('what is no picture', () => {
  it.each<[string, () => Buffer | Promise<Buffer>, number, string]>([
    ['SVG', () => svgPicture, 415, 'file_type_not_allowed'],
    ['HTML', () => Buffer.from('<html><script>alert(1)</script>'), 415, 'file_type_not_allowed'],
    ['XML', () => Buffer.from('<?xml version="1.0"?><a/>'), 415, 'file_type_not_allowed'],
    ['PDF', () => Buffer.from('%PDF-1.7'), 415, 'file_type_not_allowed'],
    ['a script', () => Buffer.from('alert(1)'), 415, 'file_type_not_allowed'],
    ['half a picture', async () => (await picture(300, 300, 'jpeg')).subarray(0, 200), 415, 'file_type_not_allowed'],
    ['nothing', () => Buffer.alloc(0), 415, 'file_type_not_allowed'],
    ['a pixel flood', hugeJpeg, 413, 'file_too_large'],
    ['30000 x 30000 pixels', () => rawPng(30_000, 30_000), 413, 'file_too_large'],
  ])('FI1 M45 M46: %s is refused, whatever it is called, and leaves nothing', async (_name, make, status, code) => {
    await app.services.fileRemovals.settled()
    const before = objects()
    const fay = await app.person()
    expect(outcome(await setAvatar(fay, await make()))).toEqual([status, code])
    expect((await me(fay)).avatar).toBeNull()
    await app.services.fileRemovals.settled()
    expect(objects()).toEqual(before)
  })

  it('M46: too many bytes are refused', async () => {
    const bytes = Buffer.concat([await picture(9, 9), Buffer.alloc(33 * 1024 * 1024)])
    expect(outcome(await setAvatar(ben, bytes))).toEqual([413, 'file_too_large'])
  })

  it('FI1 M45: a GIF that is a script too becomes a picture and nothing else; a wrong name does no harm', async () => {
    const { avatar } = (await setAvatar(ben, await scriptGif(), { name: 'x.svg', type: 'image/svg+xml' })).json
    const { headers, body } = await ada.get(avatar.url)
    expect(body).not.toContain('alert')
    expect(headers).toMatchObject({ 'content-type': 'image/webp', 'x-content-type-options': 'nosniff' })
  })
})
