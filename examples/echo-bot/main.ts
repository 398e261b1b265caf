import { startEchoBot } from './bot.ts'

const { ATRIUM_URL = 'http://localhost:8000', BOT_USERNAME = 'echo', BOT_PASSWORD = '' } = process.env
await startEchoBot({ baseUrl: ATRIUM_URL, username: BOT_USERNAME, password: BOT_PASSWORD })
console.log(`${BOT_USERNAME} listens at ${ATRIUM_URL}; Ctrl-C ends it.`)
