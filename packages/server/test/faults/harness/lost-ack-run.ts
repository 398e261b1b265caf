import { Chance } from './chance.ts'
import { Chat, type Doors } from './chat.ts'
import { CuttingProxy } from './cutting-proxy.ts'
import { collectEvidence, type Findings } from './evidence.ts'
import { type Engine, Installation } from './installation.ts'
import { until } from './waiting.ts'

export interface LostAckFindings extends Findings {
  cuts: number
  /** Answers that told the client its message had arrived before. */
  repeats: number
}

type Doorway = Record<keyof Doors, CuttingProxy>

const runLimitMs = 240_000

/** Clients send through proxies that lose many answers, and send again. */
export async function runLostAcks(options: {
  engine: Engine
  cuts: number
  broken?: string
}): Promise<LostAckFindings> {
  const { engine, broken } = options
  const installation = await Installation.start(engine, broken ? { broken } : {})
  const doorways: Doorway[] = []
  const chance = new Chance('cuts')
  const countCuts = () => doorways.reduce((sum, { rest, socket }) => sum + rest.cuts + socket.cuts, 0)
  let chat: Chat | undefined
  try {
    chat = await Chat.start(installation, {
      people: 3,
      clientsPerPerson: 2,
      restMs: 20,
      retryMs: 20,
      doors: async (client, origin) => {
        const doorway = { rest: await CuttingProxy.start(origin), socket: await CuttingProxy.start(origin) }
        doorways[client] = doorway
        return { rest: doorway.rest.origin, socket: doorway.socket.origin }
      },
      beforeSend: (client, via) => {
        if (!chance.happens(0.5) || countCuts() >= options.cuts) return
        const cut = chance.happens(0.5)
          ? ({ at: 'answer' } as const)
          : ({ at: 'request', afterMs: chance.between(0, 15) } as const)
        doorways[client]?.[via].loseNextAnswer(cut)
      },
    })
    const { history, readers, conversations } = chat
    const complaint = () => `only ${countCuts()} of ${options.cuts} answers were lost`
    await chat.during(async () => void (await until(() => countCuts() >= options.cuts, runLimitMs, complaint)))
    const findings = await collectEvidence(installation, history, readers, conversations)
    const repeats = history.lines.filter(
      (line) => line.op === 'send' && line.phase === 'ok' && line.result.deduplicated,
    )
    return { ...findings, cuts: countCuts(), repeats: repeats.length }
  } finally {
    chat?.close()
    await Promise.all(doorways.flatMap(({ rest, socket }) => [rest.close(), socket.close()]))
    await installation.drop()
  }
}
