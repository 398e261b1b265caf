import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { bareEnvironment } from '../../bare-environment.ts'
import { createTestDatabase } from '../../databases.ts'
import type { Cluster, Stage } from './cluster.ts'
import { ask, readMessages, signIn } from './person.ts'
import { freePort, ServerProcess } from './server-process.ts'

const cli = join(import.meta.dirname, '../../../src/cli.ts')

function atrium(args: readonly string[], variables: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...bareEnvironment(), ...variables }
    execFile(process.execPath, [cli, ...args], { env }, (error, out, err) =>
      error ? reject(new Error(`atrium ${args[0]}: ${out}${err}`)) : resolve(),
    )
  })
}

/** What the copy shows of each conversation is the beginning of what is there now. */
async function compare({ chat, nodes }: Cluster, copy: ServerProcess) {
  let strange = 0
  const kept = new Set<string>()
  for (const conversation of chat.conversations) {
    const reader = chat.readers.find((each) => each.holds(conversation))
    if (!reader) continue
    const there = await readMessages(copy.origin, reader.person, conversation)
    const here = await readMessages(nodes[0]?.origin ?? '', reader.person, conversation)
    const places = here.map(({ id, seq, text }) => `${seq} ${id} ${text}`)
    for (const [index, { id, seq, text, client_id }] of there.entries()) {
      if (places[index] !== `${seq} ${id} ${text}`) strange++
      kept.add(client_id)
    }
  }
  return { strange, kept }
}

/** F32: a backup while people talk, restored elsewhere, where another server shows it. */
export const backUpAndRestore: Stage = async (cluster) => {
  const { engine, chat, nodes, revocations, probes, note } = cluster
  const settings = nodes[0]?.variables ?? {}
  const ended = await revocations.revoke(0)
  const place = await createTestDatabase(engine)
  const file = join(place.dataDir, 'one.backup')
  const copy = new ServerProcess(await freePort(), {
    ...settings,
    DATABASE_URL: place.url,
    DATA_DIR: place.dataDir,
    REDIS_URL: '',
  })
  try {
    const { lines } = chat.history
    const before = lines.flatMap((line) => (line.op === 'send' && line.phase === 'ok' ? [line.key] : []))
    const from = performance.now()
    note('a backup begins')
    await atrium(['backup', file], settings)
    const took = performance.now() - from
    const { asked, failed, p99Ms } = probes.figures(from)
    note('the backup is done')
    const restoring = performance.now()
    await atrium(['restore', file], { ...settings, DATABASE_URL: place.url, DATA_DIR: place.dataDir })
    const restored = performance.now() - restoring
    await copy.start()
    const { strange, kept } = await compare(cluster, copy)
    const [reader] = chat.readers
    const again = await signIn(copy.origin, reader?.person.name ?? '')
    const { status } = await ask(copy.origin, '/users/me', { token: again.token })
    const revoked = await ask(copy.origin, '/users/me', { token: ended.token })
    return {
      backup_ms: took,
      restore_ms: restored,
      messages: kept.size,
      lost: before.filter((key) => !kept.has(key)).length,
      strange,
      signed_in: status,
      revoked: revoked.status,
      asked,
      failed,
      p99_ms: p99Ms,
    }
  } finally {
    await copy.kill()
    await place.drop()
  }
}
