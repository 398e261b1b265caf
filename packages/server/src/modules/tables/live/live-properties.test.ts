import { afterAll, beforeAll, expect, it } from 'vitest'
import { notesApp } from '../../../../test/notes-tables.ts'
import { expose, runInTables } from '../../../../test/sample-tables.ts'
import { listed, type TableWatcher, type Watched, watchTable } from '../../../../test/table-watchers.ts'
import { comesTrue } from '../../../../test/two-instances.ts'

let setting: Awaited<ReturnType<typeof notesApp>>
beforeAll(async () => {
  setting = await notesApp({ PORT: '0' })
  await setting.app.listen()
})
afterAll(() => setting.app.drop())

/** The same numbers in every run of a seed. */
function randomOf(seed: number) {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return {
    below: (count: number) => Math.floor(next() * count),
    one: <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T,
  }
}

const columns = ['title', 'body', 'secret', 'score', 'published'] as const

it.each([1, 2, 3])('W01, AZ4: what is held is what a list shows, whatever rules and rows become (%i)', async (seed) => {
  const { app, root, ann, ben } = setting
  const random = randomOf(seed * 7919)
  await runInTables(app, ['delete from vault', 'delete from notes'])
  const value = (name: (typeof columns)[number]) => {
    if (name === 'published') return random.below(2) === 1
    if (name === 'score') return random.one([null, 1, 5, 9])
    return random.one(name === 'title' ? ['a', 'b', 'c'] : [null, 'a', 'b'])
  }
  const condition = (depth = 0): object => {
    const test = () => ({
      [random.one(columns.filter((name) => name !== 'published'))]: random.one([null, 'a', 'b', 5]),
    })
    const owner = { owner_id: '$me' }
    const parts = () => [condition(depth + 1), condition(depth + 1)]
    const pick = random.below(depth > 1 ? 3 : 5)
    if (pick === 0) return owner
    if (pick === 1) return { published: random.below(2) === 1 }
    if (pick === 2) {
      const [[name, given] = ['title', 'a']] = Object.entries(test())
      const isNumber = name === 'score'
      return { [name]: isNumber === (typeof given === 'number') || given === null ? given : isNumber ? 5 : 'a' }
    }
    return pick === 3 ? { or: parts() } : { not: condition(depth + 1) }
  }
  const rule = () => ({
    actions: ['list', 'get'],
    ...(random.below(4) === 0 ? {} : { rows: condition() }),
    ...(random.below(3) === 0
      ? {}
      : { fields: { read: ['id', 'title', 'owner_id', ...columns.slice(1).filter(() => random.below(2) === 0)] } }),
  })
  const setRules = () =>
    expose(root, 'notes', {
      realtime: true,
      rules: { user: rule(), ...(random.below(2) === 0 ? {} : { guest: rule() }) },
    })
  await setRules()
  const wanted: Watched[] = [
    { table: 'notes' },
    { table: 'notes', filter: { title: { in: ['a', 'b'] } } },
    { table: 'notes', fields: ['id', 'title'] },
  ]
  const watchers: { who: typeof ann; what: Watched; watcher: TableWatcher }[] = []
  for (const who of [ann, ben, root])
    for (const what of wanted) watchers.push({ who, what, watcher: await watchTable(app, who, what) })

  for (let step = 0; step < 60; step++) {
    const id = 1 + random.below(8)
    const kind = random.below(12)
    if (kind === 0 && step % 2 === 0) await setRules()
    else if (kind === 1) await root.delete(`/data/notes/${id}`)
    else if (kind < 6) {
      const row = Object.fromEntries(columns.map((name) => [name, value(name)]))
      await root.post('/data/notes', { id, ...row, owner_id: random.one([ann.userId, ben.userId, null]) })
    } else {
      const name = random.one(columns)
      await root.patch(`/data/notes/${id}`, { [name]: value(name) })
    }
    if (step === 30) {
      // Gone, and back with the place it had.
      const first = watchers[0]
      if (first) {
        first.watcher.live.close()
        await root.post('/data/notes', { id: 20, title: 'a', published: true, owner_id: ann.userId })
        first.watcher = await watchTable(app, first.who, first.what, first.watcher)
      }
    }
  }
  const differences: string[] = []
  const isSame = async () => {
    differences.length = 0
    for (const { who, what, watcher } of watchers) {
      const list = JSON.stringify([...((await listed(who, what)) ?? [])].sort())
      const held = JSON.stringify([...watcher.rows].sort())
      if (held !== list) differences.push(`${who.username} ${JSON.stringify(what)}: held ${held} listed ${list}`)
    }
    return differences.length === 0
  }
  await comesTrue(isSame, 'held and listed differ').catch(() => expect(differences).toEqual([]))
  for (const { watcher } of watchers) watcher.live.close()
})
