import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())

it('opens', { timeout: 120000 }, async () => {
  const carl = await app.person('carl')
  const c = await connect(app, carl)
  let missed = 0
  for (let n = 0; n < 60; n++) {
    const dana = await app.person(`dana${n}`)
    const d = await connect(app, dana)
    await c.ask('message.send', { to_username: `dana${n}`, client_id: `first${n}`, text: 'hello dana' })
    await d.hears('conversation.created')
    await new Promise((r) => setTimeout(r, 60))
    if (!d.heard.some((e) => e.type === 'message.created')) { await new Promise((r) => setTimeout(r, 1500)); if (!d.heard.some((e) => e.type === 'message.created')) missed++ }
    d.close()
  }
  expect(missed).toBe(0)
})
