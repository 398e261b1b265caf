import { sql } from 'kysely'
import { Chance } from './chance.ts'
import { Chat } from './chat.ts'
import { catchUp, collectEvidence, type Findings } from './evidence.ts'
import { type Engine, Installation } from './installation.ts'
import type { ServerProcess } from './server-process.ts'
import { pause } from './waiting.ts'

export interface KillFindings extends Findings {
  /** From each start to /ready. */
  readyMs: number[]
  /** From each /ready until every client had everything sent before. */
  backMs: number[]
  /** What SQLite says of its file, `ok` elsewhere. */
  integrity: string
  /** Messages acknowledged while the server was killed and restarted. */
  acknowledged: number
  seconds: number
}

/** Clients talk while the server is killed and comes back, several times. */
export async function runKills(options: { engine: Engine; kills: number; broken?: string }): Promise<KillFindings> {
  const { engine, kills, broken } = options
  const installation = await Installation.start(engine, broken ? { broken } : {})
  let chat: Chat | undefined
  try {
    chat = await Chat.start(installation, { people: 6, clientsPerPerson: 2, restMs: 150, retryMs: 150 })
    const { history, readers, conversations } = chat
    const [server] = installation.nodes as [ServerProcess]
    const chance = new Chance('kills')
    const readyMs: number[] = []
    const backMs: number[] = []
    const start = performance.now()
    await chat.during(async () => {
      for (let kill = 0; kill < kills; kill++) {
        await pause(chance.between(300, 1500))
        history.note('nemesis', '', { op: 'nemesis', phase: 'ok', result: 'kill -9' })
        await server.kill()
        if (chance.happens(0.3)) await killWhileStarting(server, chance)
        readyMs.push(await server.start())
        history.note('nemesis', '', { op: 'nemesis', phase: 'ok', result: 'ready' })
        backMs.push(await catchUp(installation, readers, conversations))
      }
      await pause(500)
    })
    const seconds = (performance.now() - start) / 1000
    const findings = await collectEvidence(installation, history, readers, conversations)
    chat.close()
    await server.stop()
    const integrity = await checkIntegrity(installation)
    return { ...findings, readyMs, backMs, integrity, acknowledged: history.count('ok'), seconds }
  } finally {
    chat?.close()
    await installation.drop()
  }
}

async function killWhileStarting(server: ServerProcess, chance: Chance): Promise<void> {
  const starting = server.start()
  await pause(chance.between(50, 800))
  await server.kill()
  await starting
}

async function checkIntegrity({ engine, db }: Installation): Promise<string> {
  if (engine !== 'sqlite') return 'ok'
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db)
  return rows.map((row) => row.integrity_check).join('; ')
}
