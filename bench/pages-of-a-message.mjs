// Which pages of the SQLite file a commit of one message writes, each with its table or index.
// `node bench/pages-of-a-message.mjs [messages] [main.js]`. Counts are the same however busy the machine is.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { newWorkFolder, root } from './harness/folders.mjs'
import { openConversations, register, request, startAtrium } from './subjects/atrium.mjs'

const [logHead, frameHead] = [32, 24]
const messages = Number(process.argv[2] ?? 2_000)
const main = process.argv[3] ?? join(root, 'packages/server/dist/main.js')
const folder = newWorkFolder()
const server = await startAtrium({ name: 'Atrium', main, folder })
try {
  console.log(await pagesWritten())
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function pagesWritten() {
  const [writer] = await register(server.port, 2).then(async (people) => {
    await openConversations(server.port, people)
    return people
  })
  const file = join(server.dataDir, 'atrium.db')
  await sendAlone(writer, 'before', 500)
  const db = new SqliteDatabase(file)
  db.pragma('wal_checkpoint(truncate)')
  // Whoever reads one moment keeps the log from being begun anew.
  const reader = new SqliteDatabase(file, { readonly: true })
  reader.exec('begin')
  reader.prepare('select count(*) from messages').get()
  await sendAlone(writer, 'counted', messages)
  const { pages, commits } = readLog(readFileSync(`${file}-wal`))
  const owners = new Map(db.prepare("select pageno, name || ' ' || pagetype from dbstat").raw().all())
  reader.close()
  db.close()
  const counts = new Map()
  for (const page of pages) {
    const owner = page === 1 ? 'first page of the file' : (owners.get(page) ?? 'free')
    counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  const each = (count) => (count / messages).toFixed(2)
  const lines = [...counts].sort((one, other) => other[1] - one[1]).map(([owner, count]) => `${each(count)}  ${owner}`)
  return [`A message: ${each(commits)} commits, ${each(pages.length)} pages`, ...lines].join('\n')
}

/** One after the other, so that each is a commit of its own. */
async function sendAlone(person, kind, count) {
  for (let number = 1; number <= count; number++) {
    const body = {
      client_id: `${kind}-${number}`,
      text: `Message ${number}: see you at the harbour at half past seven?`,
    }
    await request(server.port, 'POST', `/conversations/${person.conversation}/messages`, { ...person, body })
  }
}

/** Of the frames that were written since the log was begun anew. */
function readLog(log) {
  const pageSize = log.readUInt32BE(8)
  const salt = log.subarray(16, 24)
  const pages = []
  let commits = 0
  for (let at = logHead; at + frameHead + pageSize <= log.length; at += frameHead + pageSize) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) break
    pages.push(log.readUInt32BE(at))
    if (log.readUInt32BE(at + 4) > 0) commits++
  }
  return { pages, commits }
}
