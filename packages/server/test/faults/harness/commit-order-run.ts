import type { View } from './checkers.ts'
import { collectEvidence, type Findings } from './evidence.ts'
import { History } from './history.ts'
import { type Engine, Installation } from './installation.ts'
import { ask, converse, type Person, readMessages, registerAll } from './person.ts'
import { Reader } from './reader.ts'
import { send } from './sender.ts'
import { pause } from './waiting.ts'

export interface CommitOrderFindings extends Findings {
  /** Looks at the conversation while it grew. */
  polls: number
  sent: number
}

const sendersPerNode = 4

/** Many send into one conversation at once, on two nodes, while others read on from the last they have seen. */
export async function runCommitOrder(options: {
  engine: Engine
  messages: number
  broken?: string
}): Promise<CommitOrderFindings> {
  const { engine, messages, broken } = options
  const installation = await Installation.start(engine, { nodes: 2, ...(broken ? { broken } : {}) })
  const readers: Reader[] = []
  try {
    const history = new History()
    const origins = installation.nodes.map((node) => node.origin)
    const [ann, bob] = (await registerAll(origins[0] ?? '', 2)) as [Person, Person]
    const conversation = await converse(origins[0] ?? '', ann, bob)
    const people = [ann, bob]
    for (const [index, origin] of [...origins, ...origins].entries()) {
      readers.push(new Reader(`reader${index + 1}`, origin, people[index % 2] as Person, history))
    }
    await Promise.all(readers.map((reader) => reader.open()))

    let sent = 0
    let isOver = false
    const sending = origins.flatMap((origin, node) =>
      Array.from({ length: sendersPerNode }, async (_, index) => {
        const reader = readers.find((each) => each.person === people[(node + index) % 2]) as Reader
        while (sent < messages) {
          const client_id = `m${++sent}`
          const draft = { conversation_id: conversation, client_id, text: `message ${sent}` }
          await send(history, reader, index % 2 === 0 ? 'rest' : 'socket', draft, origin)
        }
      }),
    )
    const pollers = origins.flatMap((origin, index) => [
      new Poller(`poller${index + 1}`, conversation, (after) => readMessages(origin, bob, conversation, after)),
      new Poller(`syncer${index + 1}`, conversation, (after) => readBySync(origin, ann, conversation, after)),
    ])
    const polling = pollers.map((poller) => poller.run(() => isOver))
    await Promise.all(sending)
    isOver = true
    await Promise.all(polling)

    const views = pollers.map((poller) => poller.view())
    const findings = await collectEvidence(installation, history, readers, [conversation], views)
    return { ...findings, sent, polls: pollers.reduce((sum, poller) => sum + poller.polls, 0) }
  } finally {
    for (const reader of readers) reader.close()
    await installation.drop()
  }
}

/** Reads on from the last seq it has seen and never looks back: what commits behind it, it misses. */
class Poller {
  polls = 0
  readonly #name: string
  readonly #conversation: string
  readonly #read: (after: number) => Promise<View['messages']>
  #seen: View['messages'] = []

  constructor(name: string, conversation: string, read: (after: number) => Promise<View['messages']>) {
    this.#name = name
    this.#conversation = conversation
    this.#read = read
  }

  async run(isOver: () => boolean): Promise<void> {
    for (let isLast = false; !isLast; await pause(5)) {
      isLast = isOver()
      this.#seen = [...this.#seen, ...(await this.#read(this.#position))]
      this.polls++
    }
  }

  get #position(): number {
    return this.#seen.at(-1)?.seq ?? 0
  }

  view(): View {
    return { reader: this.#name, conversation: this.#conversation, position: this.#position, messages: this.#seen }
  }
}

async function readBySync(origin: string, person: Person, conversation: string, after: number) {
  const body = { streams: { [`conversation:${conversation}`]: after }, only: true }
  const { status, json } = await ask(origin, '/sync', { token: person.token, body })
  if (status !== 200) throw new Error(`/sync: ${status} ${JSON.stringify(json)}`)
  return json.events.map((event: { data: View['messages'][number] }) => event.data)
}
