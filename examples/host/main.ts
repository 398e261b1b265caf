import { createApp, loadConfig } from '@atrium/server'
import guestBook from '../guest-book/index.ts'

const app = await createApp(loadConfig(process.env), { modules: [guestBook] })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close().then(() => process.exit()))
console.log(`http://localhost:${await app.listen()}`)
