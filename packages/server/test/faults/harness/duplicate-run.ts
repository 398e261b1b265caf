import { collectEvidence, type Findings } from './evidence.ts'
import { History } from './history.ts'
import { type Engine, Installation } from './installation.ts'
import { converse, type Person, registerAll } from './person.ts'
import { Reader } from './reader.ts'
import { type Draft, type Outcome, send } from './sender.ts'
import { pause } from './waiting.ts'

/** Without Redis another node's events are found by a look once a second. */
const pollsMs = 2_500
const mostTries = 20

/** Ann with two sockets on every node, Bob with one on every node, in one conversation. */
export class DuplicateRun {
  readonly installation: Installation
  readonly history = new History()
  readonly conversation: string
  readonly otherConversation: string
  /** By node. */
  readonly anns: readonly Reader[]
  readonly bobs: readonly Reader[]

  private constructor(installation: Installation, [ann, bob]: Person[], conversations: readonly string[]) {
    const open = (name: string, person: Person | undefined, index: number) =>
      new Reader(`${name}${index + 1}`, this.#origin(index), person as Person, this.history)
    this.installation = installation
    ;[this.conversation = '', this.otherConversation = ''] = conversations
    this.anns = [0, 1, 2, 3].map((index) => open('ann', ann, index))
    this.bobs = [0, 1].map((index) => open('bob', bob, index))
  }

  static async start(engine: Engine, broken?: string): Promise<DuplicateRun> {
    const installation = await Installation.start(engine, { nodes: 2, ...(broken ? { broken } : {}) })
    try {
      const origin = installation.nodes[0]?.origin ?? ''
      const people = await registerAll(origin, 3)
      const [ann, bob, eve] = people as [Person, Person, Person]
      const conversations = [await converse(origin, ann, bob), await converse(origin, ann, eve)]
      const run = new DuplicateRun(installation, people, conversations)
      await Promise.all([...run.anns, ...run.bobs].map((reader) => reader.open()))
      return run
    } catch (error) {
      await installation.drop()
      throw error
    }
  }

  #origin(index: number): string {
    const { nodes } = this.installation
    return nodes[index % nodes.length]?.origin ?? ''
  }

  /**
   * The same message, all at once, half over REST and half over sockets, on all nodes in turn. Whom a busy server turns
   * away tries again, as clients do.
   */
  storm(draft: Draft, times: number): Promise<Outcome[]> {
    return Promise.all(
      Array.from({ length: times }, async (_, index) => {
        const reader = this.anns[index % this.anns.length] as Reader
        const via = index < times / 2 ? 'rest' : 'socket'
        for (let tries = 1; ; tries++) {
          const outcome = await send(this.history, reader, via, draft, this.#origin(index))
          if (outcome.phase !== 'info' || tries === mostTries) return outcome
          await pause(200)
        }
      }),
    )
  }

  /** After every node has told what it knows of. */
  async findings(): Promise<Findings> {
    await pause(pollsMs)
    return collectEvidence(this.installation, this.history, [...this.anns, ...this.bobs], [this.conversation])
  }

  /** How often each socket was told of the message, by reader. */
  pushes(clientId: string): Record<string, number> {
    const readers = [...this.anns, ...this.bobs]
    const told = (name: string) =>
      this.history.lines.filter(
        (line) => line.op === 'hear' && line.result.via === 'push' && line.key === clientId && line.client === name,
      ).length
    return Object.fromEntries(readers.map(({ name }) => [name, told(name)]))
  }

  async end(): Promise<void> {
    for (const reader of [...this.anns, ...this.bobs]) reader.close()
    await this.installation.drop()
  }
}
