import type { Page } from 'playwright-core'
import { TestBench } from './browser.ts'
import { signIn } from './pages.ts'

export const dora = { username: 'dora', email: 'dora@example.com', password: 'a quiet harbour at dawn' }

/** A server with its first administrator, who is signed in and may change tables. */
export interface TablesBench {
  bench: TestBench
  /** A token of the administrator, to prepare what a test is not about. */
  token: string
}

export async function openTablesBench(variables: Record<string, string> = {}): Promise<TablesBench> {
  const bench = await TestBench.open(variables)
  const { page, close } = await bench.profile()
  await page.goto(bench.server.setupLink ?? '')
  await page.getByLabel('Username', { exact: true }).fill(dora.username)
  await page.getByLabel('Email', { exact: true }).fill(dora.email)
  await page.getByLabel('Password', { exact: true }).fill(dora.password)
  await page.getByRole('button', { name: 'Create administrator' }).click()
  await page.waitForURL('**/messages')
  await close()
  const body = { identifier: dora.username, password: dora.password, token_delivery: 'body' }
  const { access_token } = await bench.api.call<{ access_token: string }>('', 'POST', '/auth/login', body)
  return { bench, token: access_token }
}

export async function administrator(bench: TestBench, look = {}): Promise<Page> {
  const { page } = await bench.profile(look)
  await signIn(page, dora)
  return page
}

const rule = { actions: ['list', 'get', 'create', 'update', 'delete'] }

/** Boats and their harbours: every type, and a relation; everybody with the role `user` may do everything. */
export async function makeBoats({ bench, token }: TablesBench, settings: object = {}): Promise<void> {
  const make = (path: string, body: object) => bench.api.call(token, 'POST', path, body)
  await make('/admin/data/tables', {
    name: 'harbours',
    columns: [
      { name: 'name', type: 'text', length: 80, nullable: false },
      { name: 'country', type: 'text', length: 2 },
    ],
  })
  await make('/admin/data/tables', {
    name: 'boats',
    columns: [
      { name: 'name', type: 'text', length: 80, nullable: false },
      { name: 'harbour_id', type: 'integer', references: { table: 'harbours' } },
      { name: 'berths', type: 'integer', nullable: false, default: 2 },
      { name: 'serial', type: 'integer' },
      { name: 'price', type: 'decimal', precision: 12, scale: 2 },
      { name: 'length_m', type: 'number' },
      { name: 'afloat', type: 'boolean', nullable: false, default: true },
      { name: 'built', type: 'date' },
      { name: 'seen_at', type: 'datetime' },
      { name: 'extras', type: 'json' },
      { name: 'notes', type: 'text' },
      { name: 'photo', type: 'binary' },
    ],
  })
  for (const [table, label] of [
    ['harbours', 'Harbours'],
    ['boats', 'Boats'],
  ] as const) {
    const body = { exposed: true, label, realtime: true, rules: { user: rule }, ...(table === 'boats' ? settings : {}) }
    await bench.api.call(token, 'PUT', `/admin/data/tables/${table}`, body)
  }
  await make('/data/harbours', [
    { name: 'Kiel', country: 'DE' },
    { name: 'Visby', country: 'SE' },
    { name: 'Skagen', country: 'DK' },
  ])
  await make('/data/boats', boats)
}

export const boats = [
  {
    name: 'Albatros',
    harbour_id: 1,
    berths: 4,
    serial: '9007199254740993',
    price: '125000.50',
    length_m: 11.4,
    afloat: true,
    built: '1998-05-17',
    seen_at: '2026-07-01T12:00:00Z',
    extras: { sails: ['main', 'jib'], radar: true },
    notes: 'Leaks a little.\nOnly in spring.',
    photo: 'aGVsbG8gd29ybGQ=',
  },
  { name: 'Brise', harbour_id: 2, berths: 2, price: '18000', afloat: false, built: '2004-01-02', notes: '' },
  { name: 'Calypso', harbour_id: null, berths: 6, length_m: 14, afloat: true, notes: null },
]
