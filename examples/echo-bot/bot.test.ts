import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../packages/server/test/live-client.ts'
import { createTestApp, password, type TestApp } from '../../packages/server/test/test-app.ts'
import { startEchoBot } from './bot.ts'

let app: TestApp
let baseUrl: string
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  baseUrl = `http://127.0.0.1:${await app.listen()}`
})
afterAll(() => app.drop())

it('answers who writes to it', async () => {
  const [ann] = [await app.person('ann'), await app.person('echo')]
  const bot = await startEchoBot({ baseUrl, username: 'echo', password })
  const live = await connect(app, ann)
  await live.ask('message.send', { to_username: 'echo', client_id: 'one', text: 'hello' })
  const answer = await live.hears('message.created', ({ data }) => data.sender.username === 'echo')
  expect(answer.data.text).toBe('You said: hello')
  bot.live.disconnect()
  live.close()
})
