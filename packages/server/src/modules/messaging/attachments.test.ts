import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { beginGroup, outcome, say } from '../../../test/groups.ts'
import { connect } from '../../../test/live-client.ts'
import { photoWithPlace, picture } from '../../../test/pictures.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { readableAttachmentsQuery } from './attachments.repository.ts'
import { attachmentsOf } from './attachments.ts'

let app: TestApp
let ann: Visitor
let bob: Visitor
let eve: Visitor
let room: string
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())
beforeEach(async () => {
  ;[ann, bob, eve] = [await app.person(), await app.person(), await app.person()]
  room = await beginGroup(ann, [bob])
})

interface Sent {
  id: string
  seq: number
  client_id: string
  text: string
  attachments: { id: string; url: string; name: string }[]
}
const attach = async (who: Visitor, name = 'plan.txt', bytes: Buffer | string = `of ${name}`): Promise<string> =>
  (await upload(who, { name, bytes }, { purpose: 'attachment' })).json.id
const sendFile = async (who: Visitor, ids: string[], more: object = {}, into = room): Promise<Sent> => {
  const answer = await say(who, into, 'Look', { attachment_ids: ids, ...more })
  expect([answer.status, answer.json]).toEqual([201, expect.anything()])
  return answer.json
}
const contentOf = async (who: Visitor, id: string) => (await who.get(`/files/${id}/content`)).status
const objects = async () => {
  await app.services.fileRemovals.settled()
  return readdirSync(join(app.config.dataDir, 'files', 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}

describe('a message with files', () => {
  it('shows them to all its readers, over REST, live and by sync', async () => {
    const b = await connect(app, bob)
    const ids = [await attach(ann), await attach(ann, 'view.png', await picture(600, 300))]
    const sent = await sendFile(ann, ids)
    expect(sent.attachments).toEqual([
      { id: ids[0], name: 'plan.txt', size: 11, content_type: 'text/plain', variants: [], url: expect.any(String) },
      {
        ...{ id: ids[1], name: 'view.png', size: expect.any(Number), content_type: 'image/png' },
        ...{ width: 600, height: 300, url: `/api/v1/files/${ids[1]}/content` },
        variants: [{ url: `/api/v1/files/${ids[1]}/content?w=256&fit=contain`, width: 256, height: 128 }],
      },
    ])
    const { attachments } = sent
    const told = await b.hears('message.created', ({ data }) => data.id === sent.id)
    expect(told.data.attachments).toEqual(attachments)
    expect((await bob.get(`/messages/${sent.id}`)).json.attachments).toEqual(attachments)
    const { events } = (await bob.post('/sync', { streams: { [`conversation:${room}`]: sent.seq - 1 } })).json
    expect(events[0].data.attachments).toEqual(attachments)
    for (const id of ids) expect(await contentOf(bob, id)).toBe(200)
    const small = await bob.get(`/files/${ids[1]}/content?w=256&fit=contain`)
    expect(await sharp(small.bytes).metadata()).toMatchObject({ width: 256, height: 128 })
    b.close()
  })

  it('may have no words; one without either is refused', async () => {
    const sent = await say(ann, room, '', { attachment_ids: [await attach(ann)] })
    expect([sent.status, sent.json.text]).toEqual([201, ''])
    const { status } = await ann.post(`/conversations/${room}/messages`, {
      client_id: 'no-words',
      attachment_ids: [await attach(ann)],
    })
    expect(status).toBe(201)
    for (const empty of [{}, { text: '' }, { text: ' ' }, { attachment_ids: [] }]) {
      const answer = await ann.post(`/conversations/${room}/messages`, { client_id: 'nothing', ...empty })
      expect([answer.status, answer.json.errors[0].pointer]).toEqual([422, '/text'])
    }
  })

  it('takes own files that were uploaded for it, up to ten, each once', async () => {
    const [mine, foreign] = [await attach(ann), await attach(bob)]
    const kept = (await upload(ann, { name: 'own.txt', bytes: 'x' })).json.id
    const pointer = async (attachment_ids: unknown[]) => {
      const { status, json } = await say(ann, room, 'x', { attachment_ids })
      return status === 422 ? json.errors[0].pointer : status
    }
    expect(await pointer([mine, foreign])).toBe('/attachment_ids/1')
    expect(await pointer([kept])).toBe('/attachment_ids/0')
    expect(await pointer(['0192f6d0-0000-7000-8000-000000000000'])).toBe('/attachment_ids/0')
    expect(await pointer([mine, mine])).toMatch('/attachment_ids')
    expect(await pointer(Array.from({ length: 11 }, () => mine))).toMatch('/attachment_ids')
    expect(await pointer([mine])).toBe(201)
    expect(await pointer([mine])).toBe('/attachment_ids')
    expect((await ann.get(`/conversations/${room}/messages`)).json.data).toHaveLength(1)
  })

  it('of two messages that want one file at once, one has it', async () => {
    const id = await attach(ann)
    const both = await Promise.all([1, 2].map((each) => say(ann, room, `${each}`, { attachment_ids: [id] })))
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422])
  })

  it('sent again is the same message; with other files it is another', async () => {
    const [one, two] = [await attach(ann), await attach(ann)]
    const client_id = `again-${one}`
    const sent = await sendFile(ann, [one], { client_id })
    const again = await say(ann, room, 'Look', { client_id, attachment_ids: [one] })
    expect([again.status, again.json]).toMatchObject([200, { id: sent.id, deduplicated: true }])
    for (const attachment_ids of [[two], [], [one, two]]) {
      const other = await say(ann, room, 'Look', { client_id, attachment_ids })
      expect(outcome(other)).toEqual([422, 'client_id_reused'])
    }
  })

  it('F02: tells nobody where a picture was taken, and shows it upright', async () => {
    const photo = await photoWithPlace()
    const id = await attach(ann, 'photo.jpg', photo)
    const [file] = (await sendFile(ann, [id])).attachments
    expect(file).toMatchObject({ width: 40, height: 80 })
    const { body, bytes } = await bob.get(`/files/${id}/content`)
    expect(photo.toString('latin1')).toContain('secret')
    expect(body).not.toContain('secret')
    expect((await sharp(bytes).metadata()).orientation).toBe(6)
  })

  it('is quoted with its files, and keeps them when it is edited', async () => {
    const sent = await sendFile(ann, [await attach(ann)])
    const reply = await say(bob, room, 'Nice', { reply_to: sent.id })
    expect(reply.json.reply_to.attachments).toEqual(sent.attachments)
    const edited = await ann.patch(`/messages/${sent.id}`, { text: 'Look again' })
    expect(edited.json.attachments).toEqual(sent.attachments)
    expect((await bob.get('/search/messages?q=plan')).json.data[0].message.id).toBe(sent.id)
  })

  it('is found by has=file, with words, by the name of the file, and without', async () => {
    const sent = await sendFile(ann, [await attach(ann, 'harbour-plan.txt')])
    await say(ann, room, 'Look, no file')
    const found = async (query: string) =>
      (await bob.get(`/search/messages?${query}`)).json.data.map((hit: { message: Sent }) => hit.message.id)
    expect(await found('q=look&has=file')).toEqual([sent.id])
    expect(await found(`has=file&conversation_id=${room}`)).toEqual([sent.id])
    expect(await found('q=harbour')).toEqual([sent.id])
    expect(await found('q=qfile')).toEqual([])
    expect((await bob.get('/search/messages')).status).toBe(422)
    expect((await bob.get('/search/messages?has=link')).status).toBe(422)
    await ann.delete(`/messages/${sent.id}?for=everyone`)
    expect(await found('has=file')).toEqual([])
  })
})

describe('who may read a file of a message', () => {
  it('M35: its members, nobody else, and no more once they left or were removed', async () => {
    const id = await attach(ann)
    expect(await contentOf(bob, id)).toBe(404)
    const sent = await sendFile(ann, [id])
    expect([await contentOf(bob, id), await contentOf(eve, id)]).toEqual([200, 404])
    expect((await eve.get(`/files/${id}`)).status).toBe(404)
    expect((await bob.delete(`/conversations/${room}`)).status).toBe(204)
    expect(await contentOf(bob, id)).toBe(404)
    expect((await ann.post(`/conversations/${room}/members`, { user_id: eve.userId })).status).toBe(201)
    expect(await contentOf(eve, id)).toBe(200)
    expect((await ann.delete(`/conversations/${room}/members/${eve.userId}`)).status).toBe(204)
    expect(await contentOf(eve, id)).toBe(404)
    expect(sent.attachments).toHaveLength(1)
  })

  it('not whose history begins later', async () => {
    const closed = await beginGroup(ann, [bob], { history_open: false })
    const id = await attach(ann)
    await sendFile(ann, [id], {}, closed)
    await ann.post(`/conversations/${closed}/members`, { user_id: eve.userId })
    expect([await contentOf(bob, id), await contentOf(eve, id)]).toEqual([200, 404])
  })

  it('not who blocked the sender, nor who deleted the message for themselves', async () => {
    const id = await attach(ann)
    const sent = await sendFile(ann, [id])
    await bob.put(`/blocks/${ann.userId}`)
    expect(await contentOf(bob, id)).toBe(404)
    await bob.delete(`/blocks/${ann.userId}`)
    expect(await contentOf(bob, id)).toBe(200)
    await bob.delete(`/messages/${sent.id}?for=me`)
    expect(await contentOf(bob, id)).toBe(404)
  })

  it('nobody once it was deleted for everyone, by its author or a moderator: the bytes are gone', async () => {
    const before = await objects()
    const [one, two] = [await attach(ann, 'a.png', await picture(400, 400)), await attach(ann)]
    const first = await sendFile(ann, [one])
    const second = await sendFile(ann, [two])
    await bob.get(`/files/${one}/content?w=64&h=64`)
    await ann.delete(`/messages/${first.id}?for=everyone`)
    expect((await bob.get(`/messages/${first.id}`)).json).toMatchObject({
      attachments: [],
      deleted_at: expect.any(String),
    })
    await app.services.messaging.editing.removeByModerator(second.id, 'spam')
    for (const who of [ann, bob]) for (const id of [one, two]) expect(await contentOf(who, id)).toBe(404)
    expect(await objects()).toEqual(before)
  })

  it('they go with the conversation', async () => {
    const before = await objects()
    const id = await attach(ann)
    await sendFile(ann, [id])
    await ann.delete(`/conversations/${room}?for=everyone`)
    expect(await contentOf(bob, id)).toBe(404)
    await app.database.unitOfWork(({ tx }) =>
      tx.updateTable('conversations').set({ deleted_at: '2020-01-01T00:00:00.000Z' }).where('id', '=', room).execute(),
    )
    await app.services.messaging.departures.purge()
    expect(await objects()).toEqual(before)
  })

  it('an erased account leaves its words without its files', async () => {
    const id = await attach(bob)
    const sent = await sendFile(bob, [id])
    await app.services.erasure.erase(bob.userId)
    expect((await ann.get(`/messages/${sent.id}`)).json).toMatchObject({ text: 'Look', attachments: [] })
    expect(await contentOf(ann, id)).toBe(404)
  })

  it('its owner does not delete it under the message', async () => {
    const id = await attach(ann)
    await sendFile(ann, [id])
    expect((await ann.delete(`/files/${id}`)).status).toBe(409)
  })
})

it('messages without files cost no look at them', async () => {
  let queries = 0
  const db = app.database.db.withPlugin({
    transformQuery: ({ node }) => {
      queries++
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await attachmentsOf(db, [{ attachments: null, deleted_at: null }])
  expect(queries).toBe(0)
  const [one, two] = [await attach(ann), await attach(ann)]
  const rows = [one, two].map((id) => ({ attachments: JSON.stringify([id]), deleted_at: null }))
  const of = await attachmentsOf(db, rows)
  expect([queries, rows.flatMap(of).map(({ id }) => id)]).toEqual([1, [one, two]])
  await readableAttachmentsQuery(db, ann.userId, [one]).execute()
})

describe('the picture of a conversation', () => {
  const set = async (who: Visitor, id: string, bytes?: Buffer) => {
    const { fileForm } = await import('../../../test/file-form.ts')
    const form = fileForm([['file', { name: 'a.png', bytes: bytes ?? (await picture(300, 300)) }]])
    return who.send('PUT', `/conversations/${id}/avatar`, form.body, { 'content-type': form.type })
  }

  it('is set by its administrators, told to its members, and read by them only', async () => {
    const b = await connect(app, bob)
    expect(outcome(await set(bob, room))).toEqual([403, 'forbidden'])
    expect(outcome(await set(eve, room))).toEqual([404, 'not_found'])
    expect(outcome(await set(ann, await app.conversation(ann, bob)))).toEqual([409, 'state_conflict'])
    expect(outcome(await set(ann, room, Buffer.from('<svg/>')))).toEqual([415, 'file_type_not_allowed'])
    const { avatar } = (await set(ann, room)).json
    expect((await b.hears('conversation.updated', ({ data }) => data.id === room)).data.avatar).toEqual(avatar)
    expect((await bob.get(`/conversations/${room}`)).json.avatar).toEqual(avatar)
    expect([(await bob.get(avatar.url)).status, (await eve.get(avatar.url)).status]).toEqual([200, 404])
    const next = (await set(ann, room)).json.avatar
    expect((await bob.get(avatar.url)).status).toBe(404)
    expect((await bob.delete(`/conversations/${room}/avatar`)).status).toBe(403)
    expect((await ann.delete(`/conversations/${room}/avatar`)).status).toBe(204)
    expect((await bob.get(next.url)).status).toBe(404)
    expect((await ann.get(`/conversations/${room}`)).json.avatar).toBeNull()
    b.close()
  })

  it('of a public channel is everybody’s to see', async () => {
    const channel = (await ann.post('/conversations', { kind: 'channel', title: `Open ${room}`, public: true })).json.id
    const { avatar } = (await set(ann, channel)).json
    expect((await eve.get(avatar.url)).status).toBe(200)
  })
})
