import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { silent, testEngine } from '../../../test/databases.ts'
import { until } from '../../../test/faults/harness/waiting.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { EventsInHand } from '../realtime/events-in-hand.ts'
import { StreamEmitter } from '../realtime/stream-emitter.ts'
import { EventBus } from './event-bus.ts'
import { type AppendedEvent, headsAfter, readEvents, streamsAdvanced, tellAppended } from './streams.ts'

let app: TestApp
let people: Visitor[]
beforeAll(async () => {
  app = await createTestApp()
  people = [await app.person(), await app.person()]
})
afterAll(() => app.drop())

/** An emitter with everything it tells, as the text that goes to sockets. */
function listener(bus: EventBus, stream: string, from: number) {
  const told: string[] = []
  const emitter = new StreamEmitter({
    database: app.database,
    bus,
    rendering: app.services.rendering,
    log: silent,
    hasListeners: () => true,
    emit: (_, { envelope, hiddenFrom }) => told.push(JSON.stringify([envelope, [...hiddenFrom]])),
    pollMs: () => 60_000,
  })
  emitter.track({ stream, seq: from })
  return { told, emitter }
}

const readings = () =>
  app.database.meter.statements
    .filter(({ statement }) => /^select \* from .?events.? where .?stream_id/.test(statement))
    .reduce((sum, { duration }) => sum + duration.count, 0)

const heard = async (told: readonly string[], count: number) =>
  until(
    async () => told.length >= count,
    10_000,
    () => `only ${told.length} of ${count} were told`,
  )

describe('events of a conversation', () => {
  const actions = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('send'), by: fc.nat(1), text: fc.string({ minLength: 1, unit: 'grapheme' }) }),
      fc.record({ do: fc.constant('edit'), by: fc.nat(1), text: fc.string({ minLength: 1, unit: 'grapheme' }) }),
      fc.record({ do: fc.constant('react'), by: fc.nat(1), text: fc.constantFrom('👍', '🎉') }),
      fc.record({ do: fc.constant('delete'), by: fc.nat(1), text: fc.constant('') }),
    ),
    { minLength: 1, maxLength: 8 },
  )

  it('M46: are told by what was committed as they would be by what is read, byte for byte', async () => {
    const room = await app.conversation(people[0] as Visitor, people[1] as Visitor)
    const stream = `conversation:${room}`
    let sent = 0
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const from = (await app.database.db.selectFrom('streams').select('head').where('id', '=', stream).execute())[0]
        const start = from?.head ?? 0
        const own: Record<number, string[]> = { 0: [], 1: [] }
        const committed: AppendedEvent[] = []
        const bus = new EventBus(silent)
        const { told, emitter } = listener(bus, stream, start)
        for (const { do: what, by, text } of list) {
          const who = people[by] as Visitor
          const last = own[by]?.at(-1)
          if (what === 'send') {
            const input = { client_id: `c-${++sent}`, text: `${text} .` }
            own[by]?.push((await who.post(`/conversations/${room}/messages`, input)).json.id)
          } else if (last && what === 'edit') await who.patch(`/messages/${last}`, { text: `${text} ..` })
          else if (last && what === 'react') await who.put(`/messages/${last}/reactions/${encodeURIComponent(text)}`)
          else if (last && what === 'delete') await who.delete(`/messages/${own[by]?.pop()}`)
        }
        const stored = await readEvents(app.database.db, stream, start, 200)
        // A reader that nothing is awaited of would still read during the next of them.
        if (stored.length === 0) return emitter.close()
        const before = readings()
        for (const event of stored) committed.push({ ...event, refs: JSON.parse(JSON.stringify(event.refs)) })
        tellAppended(bus, committed)
        await heard(told, stored.length)
        expect(readings()).toBe(before)
        const reader = listener(new EventBus(silent), stream, start)
        reader.emitter.tellFrom(stream, start)
        await heard(reader.told, stored.length)
        expect(told).toEqual(reader.told)
        emitter.close()
        reader.emitter.close()
      }),
      { numRuns: 15 },
    )
  })

  it.runIf(testEngine === 'postgres')(
    'P10: are told with one way to the database, and one more about whoever has not written lately',
    async () => {
      const [ann, ben] = [await app.person(), await app.person()]
      const room = await app.conversation(ann, ben)
      const stream = `conversation:${room}`
      const waysToTell = async (by: Visitor, name: string) => {
        const { seq } = (await by.post(`/conversations/${room}/messages`, { client_id: `${room}-${name}`, text: name }))
          .json
        const stored = await readEvents(app.database.db, stream, seq - 1, 200)
        const bus = new EventBus(silent)
        const { told, emitter } = listener(bus, stream, seq - 1)
        const ways = vi.spyOn(app.database.meter, 'recordAll')
        tellAppended(bus, stored)
        await heard(told, stored.length)
        const texts = ways.mock.calls.map(([statements]) => statements.map(({ sql }) => sql).join('; '))
        ways.mockRestore()
        emitter.close()
        expect(JSON.parse(told[0] ?? '')[0].data).toMatchObject({ text: name, sender: { id: by.userId } })
        // Jobs of the application ask of other things meanwhile.
        const asked = texts.map((text) => [...text.matchAll(/from "(\w+)"/g)].map(([, table]) => table))
        const own = ['messages', 'message_hides', 'users', 'blocks']
        return asked.filter((tables) => tables.every((table = '') => own.includes(table)) && tables.length > 0)
      }
      const [about, theirs] = [
        ['messages', 'message_hides'],
        ['users', 'blocks', 'blocks'],
      ]
      expect(await waysToTell(ann, 'first')).toEqual([about, theirs])
      expect(await waysToTell(ann, 'again')).toEqual([[...about, ...theirs]])
      expect(await waysToTell(ben, 'another')).toEqual([[...about, ...theirs], theirs])
      expect(await waysToTell(ann, 'by-turns')).toEqual([[...about, ...theirs]])
    },
  )

  it('that are handed over by a commit are what is read of it', async () => {
    const room = await app.conversation(people[0] as Visitor, people[1] as Visitor)
    const stream = `conversation:${room}`
    const [{ head: start = 0 } = {}] = await app.database.db
      .selectFrom('streams')
      .select('head')
      .where('id', '=', stream)
      .execute()
    const appended: AppendedEvent[] = []
    for (let index = 0; index < 3; index++) {
      appended.push(
        ...(await app.database.unitOfWork((uow) =>
          uow.append([
            { stream, type: 'message.created', refs: { message_id: `none-${index}`, from: index } },
            { stream, type: 'conversation.removed', refs: { conversation_id: room } },
          ]),
        )),
      )
    }
    expect(await readEvents(app.database.db, stream, start, 10)).toEqual(appended)
  })

  it('are read where one of them was committed elsewhere, before, between or behind, and told once and in order', async () => {
    const room = await app.conversation(people[0] as Visitor, people[1] as Visitor)
    const stream = `conversation:${room}`
    const [{ head: start = 0 } = {}] = await app.database.db
      .selectFrom('streams')
      .select('head')
      .where('id', '=', stream)
      .execute()
    for (let index = 0; index < 6; index++) {
      const input = { client_id: `${room}-${index}`, text: `${index}` }
      await people[0]?.post(`/conversations/${room}/messages`, input)
    }
    const stored = await readEvents(app.database.db, stream, start, 200)
    const seqs = (told: readonly string[]) => told.map((text) => JSON.parse(text)[0].seq)
    const expected = stored.map(({ seq }) => seq)
    await fc.assert(
      fc.asyncProperty(fc.subarray(stored), fc.boolean(), async (here, isBackwards) => {
        const bus = new EventBus(silent)
        const { told, emitter } = listener(bus, stream, start)
        // The news of all of them, as the bus of another process says it, comes with what was committed here.
        const news = isBackwards ? [...here].reverse() : here
        for (const event of news) tellAppended(bus, [event])
        bus.publish(streamsAdvanced, headsAfter(stored))
        await heard(told, stored.length)
        expect(seqs(told)).toEqual(expected)
        emitter.close()
      }),
      { numRuns: 30 },
    )
  })
})

const event = (seq: number): AppendedEvent => ({ stream: 's', type: 't', refs: {}, seq, at: '' })
it.each([
  [[1, 2, 3], 0, [1, 2, 3]],
  [[3, 1, 2], 0, [1, 2, 3]],
  [[1, 2, 2, 1, 3], 0, [1, 2, 3]],
  [[1, 2, 3], 2, [3]],
  [[1, 2, 3], 3, undefined],
  [[2, 3], 0, undefined],
  [[1, 3], 0, undefined],
  [[], 0, undefined],
])('of %j in hand, what follows %i is %j', (seqs, told, expected) => {
  const events = new EventsInHand()
  for (const seq of seqs) events.add(event(seq))
  expect(events.take('s', told)?.map(({ seq }) => seq)).toEqual(expected)
  expect(events.take('s', told)).toBe(undefined)
})
