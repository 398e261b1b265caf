import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../test/test-app.ts'
import { demoConversations, demoFiles, demoPeople, demoPlaces, demoRows } from './demo-data.ts'
import { SeedRefusedError, seed } from './seed.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const password = 'seven green umbrellas'
const steps: [step: string, done: number, total: number][] = []
const run = (force = false) => seed(app, { force, password, onProgress: (...step) => void steps.push(step) })
const nothing = { people: 0, conversations: 0, messages: 0, files: 0, places: 0, rows: 0 }

it('seed fills an empty installation for everybody in it, and a second run makes nothing', async () => {
  const made = await run()
  expect(made).toEqual({
    people: demoPeople.length,
    conversations: demoConversations.length,
    messages: demoConversations.flatMap(({ lines }) => lines).length,
    files: demoFiles.length,
    places: demoPlaces.length,
    rows: demoRows.length,
  })
  const totals = new Set(steps.map(([, , total]) => total))
  expect(totals.size).toBe(1)
  expect(steps.map(([, done]) => done)).toEqual(Array.from({ length: [...totals][0] ?? 0 }, (_, at) => at + 1))
  expect(await run()).toEqual(nothing)

  const signedIn = await app.visitor().post('/auth/login', { identifier: 'maya', password, token_delivery: 'body' })
  expect(signedIn.json.user.display_name).toBe('Maya Lindqvist')
  const maya = { authorization: `Bearer ${signedIn.json.access_token}` }
  const get = async (path: string) => (await app.visitor().get(path, maya)).json.data as Record<string, unknown>[]
  expect((await get('/conversations')).map(({ title }) => title)).toContain('Harbour office')
  expect(await get('/data/demo_boats?limit=100')).toHaveLength(demoRows.length)
  expect((await get('/files')).map(({ name }) => name).sort()).toEqual(['duty-roster.csv', 'welcome.md'])
  expect(await get('/places?near=9.97,53.54&radius=10000&limit=50')).toHaveLength(demoPlaces.length)
})

it('seed brings back what is gone, and stays away from other people unless it is told otherwise', async () => {
  await app.services.files.remove(
    await app.services.explaining.asUser('@hana'),
    (await app.services.files.list(await app.services.explaining.asUser('@hana'), {})).data[0]?.id ?? '',
  )
  await app.person('somebody')
  await expect(run()).rejects.toThrow(SeedRefusedError)
  expect(await run(true)).toEqual({ ...nothing, files: 1 })
})

it('seed writes nothing where one of its names is somebody else', async () => {
  const other = await createTestApp()
  try {
    await other.person('maya')
    await expect(seed(other, { force: true, password, onProgress: () => {} })).rejects.toThrow('@maya is somebody else')
    expect((await other.person('tomas')).username).toBe('tomas')
  } finally {
    await other.drop()
  }
})
