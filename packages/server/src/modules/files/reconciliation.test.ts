import { rmSync, truncateSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import { derivedKey, newKey } from '../../platform/storage/storage.ts'

let app: TestApp
let ada: Visitor
beforeAll(async () => {
  app = await createTestApp()
  ada = await app.person('ada')
})
afterAll(() => app.drop())

const pathOf = (key: string) => join(app.config.dataDir, 'files/objects', key)
const old = new Date(Date.now() - 3_600_000)
const age = (key: string) => utimesSync(pathOf(key), old, old)
const reconcile = (options = {}) => app.services.fileReconciliation.run(options)

it('finds bytes without a file and files without bytes, and counts anew', async () => {
  const { storage } = app.services.files
  const names = ['whole', 'lost', 'cut']
  const ids: string[] = []
  for (const bytes of names) ids.push((await upload(ada, { bytes })).json.id)
  const [whole = '', lost = '', cut = ''] = ids
  const [stray, young] = [newKey(newId()), newKey(newId())]
  for (const key of [stray, derivedKey(stray, 'small.webp'), young, derivedKey(newKey(whole), 'small.webp')]) {
    await storage.put(key, [Buffer.from('x')])
    if (key !== young) age(key)
  }
  age(newKey(whole))
  rmSync(pathOf(newKey(lost)))
  truncateSync(pathOf(newKey(cut)), 1)
  await app.database.unitOfWork(({ tx }) => tx.updateTable('file_usage').set({ bytes: 1 }).execute())

  const expected = { files: 3, orphans: [stray], missing: [lost, cut].sort(), recounted: 1 }
  expect(await reconcile({ dryRun: true })).toMatchObject(expected)
  expect(await storage.find(stray)).toBeDefined()
  expect(await reconcile()).toMatchObject(expected)
  expect(await storage.find(stray)).toBe(undefined)
  expect(await storage.find(young)).toBeDefined()
  expect(await storage.find(derivedKey(newKey(whole), 'small.webp'))).toBeDefined()
  expect(await app.services.files.usage(ada.userId)).toMatchObject({ bytes: names.join('').length })
  expect((await ada.get(`/files/${lost}/content`)).status).toBe(500)

  expect(await reconcile({ removeRows: true })).toMatchObject({
    orphans: [],
    missing: [lost, cut].sort(),
    recounted: 0,
  })
  expect(await reconcile()).toMatchObject({ files: 1, missing: [], recounted: 0 })
  expect((await ada.get(`/files/${lost}/content`)).status).toBe(404)
  expect((await ada.get('/files')).json.usage.bytes).toBe(5)
})
