import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginGroup, countMembers, outcome, say } from '../../../test/groups.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import type { Database } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const people = (count: number) => Promise.all(Array.from({ length: count }, () => app.person()))

/** Writes copies of one row, as the server would have written them one after the other. */
async function copy<T extends keyof Database>(
  table: T,
  id: { column: string; of: string },
  changes: readonly object[],
): Promise<void> {
  const { db } = app.database
  const row = await db
    .selectFrom(table as 'users')
    .selectAll()
    .where(id.column as 'id', '=', id.of)
    .executeTakeFirstOrThrow()
  for (let start = 0; start < changes.length; start += 100) {
    const rows = changes.slice(start, start + 100).map((change) => ({ ...row, ...change }))
    await app.database.unitOfWork(({ tx }) =>
      tx
        .insertInto(table as 'users')
        .values(rows)
        .execute(),
    )
  }
}

/** Brings so many people who never sign in into a conversation. */
async function fill(id: string, like: Visitor, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newId())
  await copy(
    'users',
    { column: 'id', of: like.userId },
    ids.map((id) => ({
      id,
      username: id,
      username_key: id,
      email: `${id}@filled.example`,
      email_key: `${id}@filled.example`,
    })),
  )
  await copy(
    'conversation_members',
    { column: 'conversation_id', of: id },
    ids.map((user_id) => ({ user_id, role: 'member' })),
  )
  await app.database.unitOfWork(({ tx }) =>
    tx
      .updateTable('conversations')
      .set((row) => ({ member_count: row('member_count', '+', count) }))
      .where('id', '=', id)
      .execute(),
  )
}

describe('a group', () => {
  it('takes 500 and no more: by name, by invitation or again', async () => {
    const [ann, bob, cid, dee] = (await people(4)) as [Visitor, Visitor, Visitor, Visitor]
    const id = await beginGroup(ann, [])
    const { code } = (await ann.post(`/conversations/${id}/invites`, {})).json
    await fill(id, ann, 497)
    for (const { userId } of [bob, cid]) {
      expect((await ann.post(`/conversations/${id}/members`, { user_id: userId })).status).toBe(201)
    }
    expect(await countMembers(app, id)).toMatchObject({ member_count: 500, members: 500 })

    const refused = await ann.post(`/conversations/${id}/members`, { user_id: dee.userId })
    expect(outcome(refused)).toEqual([409, 'state_conflict'])
    expect(refused.json.detail).toBe('A group has at most 500 members')
    expect(outcome(await dee.post(`/invites/${code}/join`))).toEqual([409, 'state_conflict'])
    expect(await countMembers(app, id)).toMatchObject({ member_count: 500, members: 500 })
    expect((await ann.get(`/conversations/${id}/invites`)).json.data[0].uses).toBe(0)

    expect((await bob.delete(`/conversations/${id}/members/${bob.userId}`)).status).toBe(204)
    expect((await dee.post(`/invites/${code}/join`)).status).toBe(200)
  })
})

describe('a person', () => {
  it('is in 1,000 conversations at most, and hears of it who would bring them into another', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const one = await beginGroup(bob, [])
    const ids = Array.from({ length: 999 }, () => newId())
    await copy(
      'conversations',
      { column: 'id', of: one },
      ids.map((id) => ({ id, direct_key: null })),
    )
    await copy(
      'conversation_members',
      { column: 'conversation_id', of: one },
      ids.map((conversation_id) => ({ conversation_id })),
    )

    const refused = await ann.post('/conversations', { kind: 'group', title: 'One more', member_ids: [bob.userId] })
    expect(outcome(refused)).toEqual([409, 'state_conflict'])
    expect(refused.json.user_ids).toEqual([bob.userId])
    expect(outcome(await bob.post('/conversations', { kind: 'group', title: 'Own' }))).toEqual([409, 'state_conflict'])
    expect(outcome(await bob.post('/conversations', { kind: 'direct', member_ids: [ann.userId] }))).toEqual([
      409,
      'state_conflict',
    ])
    expect((await bob.delete(`/conversations/${one}/members/${bob.userId}`)).status).toBe(204)
    expect(
      (await ann.post('/conversations', { kind: 'group', title: 'One more', member_ids: [bob.userId] })).status,
    ).toBe(201)
  })

  it('keeps 500 messages at most, and a conversation pins 50; what is marked may be marked again', async () => {
    const [ann, bob] = (await people(2)) as [Visitor, Visitor]
    const id = await beginGroup(ann, [bob])
    const [first, second] = [(await say(ann, id)).json.id, (await say(ann, id)).json.id]
    const others = Array.from({ length: 499 }, () => newId())
    await copy(
      'messages',
      { column: 'id', of: first },
      others.map((id, index) => ({ id, client_id: id, number: index + 10, seq: index + 10 })),
    )

    const pin = (message: string) => ann.put(`/conversations/${id}/pins/${message}`)
    expect((await pin(first)).status).toBe(204)
    const pinned = others.slice(0, 49).map((message_id) => ({ message_id }))
    await copy('conversation_pins', { column: 'conversation_id', of: id }, pinned)
    expect(outcome(await pin(second))).toEqual([422, 'validation_failed'])
    expect((await pin(first)).status).toBe(204)
    expect((await ann.get(`/conversations/${id}/pins`)).json.data).toHaveLength(50)
    expect((await ann.delete(`/conversations/${id}/pins/${first}`)).status).toBe(204)
    expect((await pin(second)).status).toBe(204)

    const keep = (message: string) => bob.put(`/bookmarks/${message}`)
    expect((await keep(first)).status).toBe(204)
    await copy(
      'bookmarks',
      { column: 'user_id', of: bob.userId },
      others.map((message_id) => ({ message_id })),
    )
    expect(outcome(await keep(second))).toEqual([422, 'validation_failed'])
    expect((await keep(first)).status).toBe(204)
    expect((await bob.delete(`/bookmarks/${first}`)).status).toBe(204)
    expect((await keep(second)).status).toBe(204)
  })
})
