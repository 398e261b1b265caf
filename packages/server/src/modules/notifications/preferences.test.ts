import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

const path = '/users/me/notification-preferences'
const all = { in_app: true, email: true, push: true }

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const tell = (userId: string, type: 'message_mention' | 'message_reaction') =>
  app.database.unitOfWork(async (uow) => {
    const target = { type: 'message', id: 'x', url: '/' }
    const events = await app.services.notifications.notify(uow, [{ userId, type, actorId: null, target, data: {} }])
    await uow.append(events)
    return events.length
  })

describe('N02: preferences', () => {
  it('N02: are those of the site until somebody chooses, and are replaced as a whole', async () => {
    const ann = await app.person()
    const defaults = (await ann.get(path)).json
    expect(defaults).toMatchObject({
      ...{ message_mention: all, system: all, message_reaction: { in_app: false, email: false, push: false } },
      ...{ quiet_hours: null, digest: 'hourly', push_previews: true },
    })
    const quiet_hours = { start: '22:00', end: '07:00', time_zone: 'Europe/Berlin' }
    const chosen = { message_reply: { email: false }, quiet_hours, digest: 'daily', push_previews: false }
    const answer = await ann.put(path, chosen)
    expect([answer.status, answer.json]).toEqual([
      200,
      { ...defaults, ...chosen, message_reply: { ...all, email: false } },
    ])
    expect((await ann.get(path)).json).toEqual(answer.json)
    expect((await ann.put(path, {})).json).toEqual(defaults)
  })

  it('N02: what is off in the app is not stored, and what is on is', async () => {
    const ann = await app.person()
    await ann.put(path, { message_mention: { in_app: false }, message_reaction: { in_app: true } })
    expect(await tell(ann.userId, 'message_mention')).toBe(0)
    expect(await tell(ann.userId, 'message_reaction')).toBe(1)
    await ann.put(path, {})
    expect(await tell(ann.userId, 'message_mention')).toBe(1)
  })

  it.each([
    ['an unknown type', { likes: all }, 'unknown_field'],
    ['an unknown channel', { system: { sms: true } }, 'unknown_field'],
    ['a switch that is none', { system: { push: 'no' } }, 'validation_failed'],
    [
      'an unknown zone',
      { quiet_hours: { start: '22:00', end: '07:00', time_zone: 'Mars/Olympus' } },
      'validation_failed',
    ],
    ['no zone', { quiet_hours: { start: '22:00', end: '07:00' } }, 'validation_failed'],
    ['a time that is none', { quiet_hours: { start: '24:00', end: '07:00', time_zone: 'UTC' } }, 'validation_failed'],
    ['no hours at all', { quiet_hours: { start: '07:00', end: '07:00', time_zone: 'UTC' } }, 'validation_failed'],
    ['an unknown digest', { digest: 'yearly' }, 'validation_failed'],
  ])('N02: %s is refused', async (_, body, code) => {
    const ann = await app.person()
    const answer = await ann.put(path, body)
    expect([answer.status, answer.json.code]).toEqual([422, code])
    expect((await ann.get(path)).json.digest).toBe('hourly')
  })

  it('twenty at once leave one of them', async () => {
    const ann = await app.person()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ann.put(path, { digest: index % 2 ? 'off' : 'daily' })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(['off', 'daily']).toContain((await ann.get(path)).json.digest)
  })
})
