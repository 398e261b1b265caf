import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fillNotes, notesApp, rules } from '../../../test/notes-tables.ts'
import { expose, rowsInTables, runInTables } from '../../../test/sample-tables.ts'
import { type Answer, actorOf, type TestApp, type Visitor } from '../../../test/test-app.ts'
import type { Explanation, Step } from './explain.schema.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
let ben: Visitor
beforeAll(async () => {
  ;({ app, root, ann, ben } = await notesApp())
})
afterAll(() => app.drop())
beforeEach(() => fillNotes({ app, root, ann, ben }))

const ask = async (who: Visitor, method: string, path: string, more: object = {}): Promise<Explanation> => {
  const question = { as_user: who.userId, method, path: path.startsWith('/api') ? path : `/api/v1${path}`, ...more }
  const { status, json, body } = await root.post('/admin/explain', question)
  if (status !== 200) throw new Error(body)
  return json
}
const denied = ({ steps }: Explanation) =>
  steps.filter(({ result }) => result === 'deny').map(({ kind, rule }) => [kind, rule])
const find = ({ steps }: { steps: Step[] }, rule: string) => steps.find((step) => step.rule === rule)
const codeOf = ({ status, json }: Answer) => (status >= 400 ? json.code : null)

describe('W02: rows', () => {
  it('W02: names the rule and the values that keep a row away, and the real answer is the same', async () => {
    const explained = await ask(ann, 'GET', '/data/notes/3')
    expect([explained.allowed, explained.code]).toEqual([false, 'not_found'])
    expect(find(explained, 'rows of notes for user')).toEqual({
      kind: 'rule',
      rule: 'rows of notes for user',
      result: 'deny',
      values: {
        table: 'notes',
        action: 'get',
        role: 'user',
        me: ann.userId,
        condition: { or: [{ published: true }, { owner_id: '$me' }] },
        row: { published: 'false', owner_id: ben.userId },
      },
    })
    expect(codeOf(await ann.get('/data/notes/3'))).toBe('not_found')
    expect(find(await ask(ann, 'GET', '/data/notes/2'), 'rows of notes for user')?.result).toBe('allow')
    expect(denied(await ask(ann, 'GET', '/data/notes/99'))).toEqual([['rule', 'there is such a row in notes']])
  })

  it('W02: for requests of every kind it says the code that is answered', async () => {
    const requests: [Visitor, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string, unknown?][] = [
      [ann, 'GET', '/data/notes'],
      [ann, 'GET', '/data/notes?filter[secret]=x'],
      [ann, 'GET', '/data/notes?sort=-score'],
      [ann, 'GET', '/data/notes?expand=writer'],
      [ann, 'GET', '/data/notes?fields=writer.salary'],
      [ann, 'GET', '/data/notes?limit=1000'],
      [ann, 'GET', '/data/notes?limit=2&page=1&cursor=x'],
      [ann, 'GET', '/data/notes/aggregate?metrics=sum:score'],
      [ann, 'GET', '/data/notes/aggregate?group_by=published'],
      [ann, 'POST', '/data/notes/query', { filter: { secret: 'x' } }],
      [ann, 'GET', '/data/notes/1?fields=title'],
      [ann, 'GET', '/data/vault'],
      [ann, 'GET', '/data/nothing'],
      [ann, 'GET', '/data/notes/schema'],
      [ann, 'POST', '/data/notes', { id: 50, title: 'x' }],
      [ann, 'POST', '/data/notes', { id: 50, title: 'x', secret: 'y' }],
      [ann, 'POST', '/data/notes', { id: 1, title: 'x' }],
      [ann, 'PATCH', '/data/notes/2', { title: 'x' }],
      [ann, 'PATCH', '/data/notes/2', { owner_id: ben.userId }],
      [ann, 'PATCH', '/data/notes/3', { title: 'x' }],
      [ann, 'PATCH', '/data/notes/1', { published: false }],
      [ann, 'PUT', '/data/notes/2', { body: 'x' }],
      [ann, 'DELETE', '/data/notes/2'],
      [ann, 'POST', '/data/writers', { id: 9, name: 'x' }],
      [root, 'GET', '/data/vault/1'],
    ]
    for (const [who, method, path, body] of requests) {
      const { code } = await ask(who, method, path, body === undefined ? {} : { body })
      await fillNotes({ app, root, ann, ben })
      expect([method, path, code]).toEqual([method, path, codeOf(await who.send(method, path, body))])
      await fillNotes({ app, root, ann, ben })
    }
  })

  it('W02: of rows that are added or changed, of batches and of rows that come back', async () => {
    const kept = { ...rules, soft_delete: true }
    await expose(root, 'notes', kept)
    const upsert = '/data/notes?on_conflict=id&resolution='
    const batch = (...requests: [string, string, unknown?, object?][]) => ({
      requests: requests.map(([method, path, body, headers], index) => ({
        ...{ id: `r${index}`, method, path },
        ...(body === undefined ? {} : { body }),
        ...(headers ? { headers } : {}),
      })),
    })
    const note = (id: number, more: object = {}) => ({ id, title: 'x', ...more })
    const requests: [Visitor, 'GET' | 'POST', string, unknown?][] = [
      [ann, 'POST', `${upsert}merge`, [note(2), note(60)]],
      [ann, 'POST', `${upsert}merge`, note(3)],
      [ann, 'POST', `${upsert}ignore`, note(2)],
      [ann, 'POST', `${upsert}merge`, note(2, { secret: 'y' })],
      [ann, 'POST', `${upsert}merge`, [note(2), note(2)]],
      [ann, 'POST', '/data/notes?on_conflict=title', note(2)],
      [ann, 'POST', '/data/writers?on_conflict=id', { id: 1, name: 'x' }],
      [ann, 'POST', '/data/notes/90/restore'],
      [ann, 'POST', '/data/notes/91/restore'],
      [root, 'POST', '/data/notes/91/restore'],
      [root, 'POST', '/data/notes/92/restore'],
      [root, 'POST', '/data/vault/1/restore'],
      [
        ann,
        'POST',
        '/batch',
        batch(['POST', '/data/notes', note(61)], ['PATCH', '/data/notes/$r0.id', { title: '$r0.title' }]),
      ],
      [ann, 'POST', '/batch', batch(['POST', '/data/notes', note(61)], ['POST', '/data/notes', note(61)])],
      [ann, 'POST', '/batch', batch(['POST', '/data/notes', note(61)], ['GET', '/data/notes/61'])],
      [ann, 'POST', '/batch', batch(['POST', '/data/notes', note(61)], ['PATCH', '/data/notes/3', { title: 'y' }])],
      [ann, 'POST', '/batch', batch(['POST', '/data/notes', note(61)], ['GET', '/data/notes/$r0.hat'])],
      [
        ann,
        'POST',
        '/batch',
        batch(['POST', '/data/notes', note(61), { Prefer: 'return=minimal' }], ['GET', '/data/notes/$r0.id']),
      ],
      [ann, 'POST', '/batch', batch(['PATCH', '/data/notes/2', { title: 'y' }, { 'If-Match': '"old"' }])],
      [ann, 'POST', '/batch', batch(['GET', '/data/notes'], ['DELETE', '/data/notes/2'])],
      [ann, 'POST', '/batch', batch(['POST', `${upsert}merge`, note(2)], ['GET', '/data/vault/1'])],
      [ann, 'POST', '/batch', batch(['GET', '/users/me'])],
      [
        root,
        'POST',
        '/batch',
        batch(['DELETE', '/data/notes/2'], ['POST', '/data/notes/2/restore'], ['GET', '/data/notes/2']),
      ],
      [root, 'POST', '/batch', batch(['DELETE', '/data/notes/2'], ['GET', '/data/notes/2'])],
    ]
    const prepare = async () => {
      await fillNotes({ app, root, ann, ben })
      await runInTables(app, ['delete from _atrium_deleted'])
      await root.post(
        '/data/notes',
        [note(90, { owner_id: ann.userId }), note(91)].map(({ id, title }) => ({ id, title })),
      )
      for (const id of [90, 91]) expect((await root.delete(`/data/notes/${id}`)).status).toBe(204)
    }
    for (const [who, method, path, body] of requests) {
      await prepare()
      const explained = await ask(who, method, path, body === undefined ? {} : { body })
      const rows = () => rowsInTables(app, 'select id, title from notes order by id')
      const before = await rows()
      expect(before).toHaveLength(3)
      expect([path, body, explained.code]).toEqual([path, body, codeOf(await who.send(method, path, body))])
    }
    const body = batch(['POST', '/data/notes', note(61)], ['PATCH', '/data/notes/3', { title: 'y' }])
    await prepare()
    const told = await ask(ann, 'POST', '/batch', { body })
    expect(find(told, 'request 0 of the batch')?.result).toBe('allow')
    expect(find(told, 'request 1 of the batch')).toMatchObject({
      result: 'deny',
      values: { index: 1, id: 'r1', code: 'not_found' },
    })
    await expose(root, 'notes', rules)
  })

  it('W02: names the column, where the answer to the person names nothing', async () => {
    expect(denied(await ask(ann, 'GET', '/data/notes?filter[secret]=x'))).toEqual([['field', 'read notes.secret']])
    expect(denied(await ask(ann, 'GET', '/data/notes?filter[hat]=x'))).toEqual([['field', 'read notes.?']])
    expect(denied(await ask(ann, 'POST', '/data/notes', { body: { id: 50, title: 'x', secret: 'y' } }))).toEqual([
      ['field', 'write notes.secret'],
    ])
    const created = await ask(ann, 'POST', '/data/notes', { body: { id: 50, title: 'x' } })
    expect(find(created, 'values that a new row of notes gets')?.values.columns).toEqual(['created_at', 'owner_id'])
    expect(find(created, 'rows of notes as they would be')?.result).toBe('allow')
    expect(denied(await ask(ann, 'DELETE', '/data/notes/2'))).toEqual([['role', 'delete notes']])
  })

  it('W02: nothing is kept of it but the line that it was asked', async () => {
    const rows = () => rowsInTables(app, 'select * from notes order by id')
    const before = await rows()
    await ask(ann, 'POST', '/data/notes', { body: { id: 50, title: 'x' } })
    await ask(ann, 'PATCH', '/data/notes/2', { body: { title: 'x' } })
    await ask(root, 'DELETE', '/data/vault/1')
    expect(await rows()).toEqual(before)
    expect(await rowsInTables(app, 'select id from vault')).toHaveLength(2)
    const { json } = await root.get('/admin/audit?event_type=access_explained&limit=3')
    expect(json.data[0]).toMatchObject({
      actor: { id: root.userId },
      resource: { type: 'user', id: root.userId },
      detail: { method: 'DELETE', path: '/api/v1/data/:table/:key', code: null },
    })
    expect(JSON.stringify(json.data)).not.toContain('title')
  })
})

describe('W02: accounts, scopes and conversations', () => {
  it('W02: a key lacks a scope, an account counts no more, a proof cannot be told', async () => {
    const key = await ask(ann, 'POST', '/data/notes', { body: { id: 50, title: 'x' }, scopes: ['data:read'] })
    expect([key.code, denied(key)]).toEqual(['scope_missing', [['scope', 'data:write']]])
    expect(find(key, 'data:write')?.values).toMatchObject({ roles: ['user'], granted_by: ['user'] })
    expect((await ask(ann, 'GET', '/users/me/api-keys', { scopes: ['*'] })).code).toBe('forbidden')
    expect((await ask(ann, 'GET', '/admin/users')).code).toBe('admin_required')
    const proof = await ask(root, 'POST', '/admin/data/refresh')
    expect([proof.allowed, find(proof, 'recent proof of identity')?.result]).toEqual([true, 'unknown'])
    const gone = await app.person('gone')
    await app.services.administration.setStatus('gone', 'suspended')
    expect((await ask(gone, 'GET', '/data/notes')).code).toBe('session_revoked')
    expect((await ask(ann, 'GET', '/nowhere')).code).toBe('not_found')
    expect((await ask(ann, 'DELETE', '/data')).code).toBe('method_not_allowed')
  })

  it('W02: a conversation is told to who could look in by acting as the person, and to nobody else', async () => {
    const room = await app.conversation(ann, ben)
    const other = await app.person()
    expect(find(await ask(ann, 'GET', `/conversations/${room}`), 'member of the conversation')?.result).toBe('allow')
    expect((await ask(other, 'GET', `/conversations/${room}`)).code).toBe('not_found')
    const asker = actorOf(root, { permissions: ['access:*', 'users:read'] })
    const question = { as_user: other.userId, method: 'GET' as const, path: `/api/v1/conversations/${room}` }
    const { allowed, steps } = await app.services.explaining.explain(asker, question, app.http.guardedRoutes)
    expect([allowed, steps.at(-1)?.result]).toEqual([true, 'unknown'])
  })

  it('W02: who may not see tables or their rows is shown neither', async () => {
    const question = { as_user: ann.userId, method: 'GET' as const, path: '/api/v1/data/notes/3?fields=secret' }
    const explain = (...permissions: string[]) =>
      app.services.explaining.explain(
        actorOf(root, { permissions: ['access:explain', ...permissions] }),
        question,
        app.http.guardedRoutes,
      )
    const blind = await explain('users:read')
    expect(JSON.stringify(blind)).not.toMatch(/notes|secret|owner_id/)
    expect([blind.allowed, blind.steps.at(-1)?.result]).toEqual([true, 'unknown'])
    const withRules = await explain('users:read', 'tables:read')
    expect(JSON.stringify(withRules)).toContain('get notes')
    expect(JSON.stringify(withRules)).not.toContain(ben.userId)
    await expect(explain()).rejects.toMatchObject({ code: 'forbidden' })
    expect(codeOf(await ann.post('/admin/explain', question))).toBe('admin_required')
    expect(codeOf(await root.post('/admin/explain', { ...question, as_user: '@nobody-here' }))).toBe('not_found')
  })
})

describe('W02: a refusal that was', () => {
  it('W02: carries an id by which an administrator reads why', async () => {
    const refused = await ann.delete('/data/notes/2')
    expect([refused.status, refused.json.code]).toEqual([403, 'forbidden'])
    const { explain_id } = refused.json
    const { json } = await root.get(`/admin/explain/${explain_id}`)
    expect(json).toMatchObject({
      ...{ id: explain_id, allowed: false, code: 'forbidden', user_id: ann.userId, method: 'DELETE' },
      path: '/api/v1/data/:table/:key',
    })
    expect(denied(json)).toEqual([['role', 'delete notes']])
    expect(codeOf(await ann.get(`/admin/explain/${explain_id}`))).toBe('admin_required')
    expect((await root.get('/admin/explain/01890000-0000-7000-8000-000000000000')).status).toBe(404)
  })

  it('W02: says nothing about rows: what is hidden and what is not there answer alike, without an id', async () => {
    const stripped = ({ json }: Answer) => ({ ...json, request_id: '', instance: '' })
    const hidden = await ann.get('/data/notes/3')
    expect(hidden.json.explain_id).toBe(undefined)
    expect(stripped(hidden)).toEqual(stripped(await ann.get('/data/notes/99')))
  })

  it('W02: many of one person push out no one else’s', async () => {
    const first = (await ben.get('/admin/users')).json.explain_id
    const own = (await ann.get('/admin/users')).json.explain_id
    for (let count = 0; count < 20; count++) await ann.get('/admin/users')
    expect((await root.get(`/admin/explain/${own}`)).status).toBe(404)
    expect((await root.get(`/admin/explain/${first}`)).status).toBe(200)
  })
})
