import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { upload } from '../../../test/file-form.ts'
import { picture } from '../../../test/pictures.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { Images, type RenderRequest } from '../../platform/images/images.ts'
import { listFilesById } from './files.repository.ts'
import { Pictures } from './pictures.ts'

/** The same images, which count how often they are asked to render. */
class CountedImages extends Images {
  rendered = 0

  override render(...args: Parameters<Images['render']>): ReturnType<Images['render']> {
    this.rendered++
    return super.render(...args)
  }
}

let app: TestApp
let ada: Visitor
beforeAll(async () => {
  app = await createTestApp()
  ada = await app.person('ada')
})
afterAll(() => app.drop())

it('many first requests of a picture in another size render it once, and all get it', async () => {
  const { id } = (await upload(ada, { name: 'p.png', bytes: await picture(900, 600) })).json
  const [row] = await listFilesById(app.database.db, [id])
  if (!row) throw new Error('The file is not there.')
  const { storage, uploads } = app.services.files
  const images = new CountedImages()
  const pictures = new Pictures({ images, storage, uploads, isThere: async () => true })
  const size: Pick<RenderRequest, 'fit'> & { w: 256; h: 256 } = { w: 256, h: 256, fit: 'cover' }
  const variants = await Promise.all(Array.from({ length: 20 }, () => pictures.variant(row, size)))
  expect(images.rendered).toBe(1)
  expect(new Set(variants.map((variant) => variant.size)).size).toBe(1)
  await pictures.variant(row, size)
  expect(images.rendered).toBe(1)

  const answers = await Promise.all(Array.from({ length: 8 }, () => ada.get(`/files/${id}/content?w=128&h=128`)))
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
  const made = readdirSync(join(app.config.dataDir, 'files/objects'), { recursive: true, encoding: 'utf8' })
  expect(made.filter((name) => name.includes('.d/')).length).toBe(2)
})
