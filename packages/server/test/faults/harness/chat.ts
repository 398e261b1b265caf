import { Chance } from './chance.ts'
import { History } from './history.ts'
import type { Installation } from './installation.ts'
import { converse, type Person, registerAll } from './person.ts'
import { Reader } from './reader.ts'
import { send } from './sender.ts'
import { pause } from './waiting.ts'

export interface ChatOptions {
  people: number
  /** Each person's, every one a reader and a sender. */
  clientsPerPerson: number
  /** Milliseconds a client rests between two messages, at most. */
  restMs: number
  /** Milliseconds until it sends again what was not answered, at most. */
  retryMs: number
  /** Where the client connects, instead of to its node. */
  doors?: (client: number, origin: string) => Promise<Doors>
  /** Called just before each attempt to send. */
  beforeSend?: (client: number, via: keyof Doors) => void
}

/** Origins, one for each way of sending. */
export interface Doors {
  rest: string
  socket: string
}

/** How often after a run a message without an answer is sent again before its client gives up. */
const lastTries = 100

/** People in a ring, each in conversation with both neighbours, who send numbered messages until told to stop. */
export class Chat {
  readonly history = new History()
  readonly conversations: readonly string[]
  readonly readers: readonly Reader[]
  readonly #options: ChatOptions
  readonly #doors: ReadonlyMap<Reader, Doors>
  readonly #conversationsOf: ReadonlyMap<Person, string[]>
  #isOver = false

  private constructor(
    options: ChatOptions,
    doors: ReadonlyMap<Reader, Doors>,
    conversationsOf: ReadonlyMap<Person, string[]>,
    history: History,
  ) {
    this.#options = options
    this.#doors = doors
    this.readers = [...doors.keys()]
    this.#conversationsOf = conversationsOf
    this.conversations = [...new Set([...conversationsOf.values()].flat())]
    this.history = history
  }

  /** With every client connected. */
  static async start({ nodes, origin }: Installation, options: ChatOptions): Promise<Chat> {
    const people = await registerAll(origin, options.people)
    const conversationsOf = new Map(people.map((person) => [person, [] as string[]]))
    const pairs =
      people.length === 2 ? [people] : people.map((person, index) => [person, people[(index + 1) % people.length]])
    for (const [person, other] of pairs as [Person, Person][]) {
      const conversation = await converse(origin, person, other)
      for (const member of [person, other]) conversationsOf.get(member)?.push(conversation)
    }
    const history = new History()
    const doors = new Map<Reader, Doors>()
    for (let client = 0; client < people.length * options.clientsPerPerson; client++) {
      // Behind a proxy it is the proxy that spreads them.
      const node = nodes.some((each) => each.origin === origin) ? nodes[client % nodes.length]?.origin : undefined
      const person = people[Math.floor(client / options.clientsPerPerson)] as Person
      const door = node ?? origin
      const own = (await options.doors?.(client, door)) ?? { rest: door, socket: door }
      doors.set(new Reader(`client${client + 1}`, own.socket, person, history), own)
    }
    const chat = new Chat(options, doors, conversationsOf, history)
    await Promise.all(chat.readers.map((reader) => reader.open()))
    return chat
  }

  /** Everybody sends while `meanwhile` runs. Resolves when all have an answer to what they sent. */
  async during(meanwhile: () => Promise<void>): Promise<void> {
    const talking = this.readers.map((reader) => this.#talk(reader))
    try {
      await meanwhile()
    } finally {
      this.#isOver = true
      await Promise.all(talking)
    }
  }

  async #talk(reader: Reader): Promise<void> {
    const chance = new Chance(reader.name)
    const conversations = this.#conversationsOf.get(reader.person) ?? []
    for (let number = 1; !this.#isOver; number++) {
      await this.#deliver(reader, chance, chance.pick(conversations), number)
      await pause(chance.between(0, this.#options.restMs))
    }
  }

  /** Sends until there is an answer, as a client does whose user waits; some users walk away. */
  async #deliver(reader: Reader, chance: Chance, conversation_id: string, number: number): Promise<void> {
    const { beforeSend, retryMs } = this.#options
    const client_id = `${reader.name}-${number}`
    const draft = { conversation_id, client_id, text: `message ${number} of ${reader.name}` }
    const origin = this.#doors.get(reader)?.rest ?? ''
    for (let tries = 0; tries < lastTries; ) {
      const via = chance.happens(0.5) && reader.socket.connected ? 'socket' : 'rest'
      beforeSend?.(this.readers.indexOf(reader), via)
      const { phase } = await send(this.history, reader, via, draft, origin)
      if (phase !== 'info' || chance.happens(0.05)) return
      if (this.#isOver) tries++
      await pause(chance.between(retryMs / 5, retryMs))
    }
  }

  /**
   * How long after its first acknowledgement each message was with each client that listened by then, in milliseconds;
   * of those acknowledged between the two times.
   */
  pushGaps(from = 0, to = Number.POSITIVE_INFINITY): number[] {
    const acknowledged = new Map<string, number>()
    const gaps: number[] = []
    const heard = new Set<string>()
    for (const line of this.history.lines) {
      if (line.op === 'send' && line.phase === 'ok' && !acknowledged.has(line.key)) acknowledged.set(line.key, line.t)
      const channel = `${line.client} ${line.key}`
      if (line.op !== 'hear' || heard.has(channel)) continue
      heard.add(channel)
      const at = acknowledged.get(line.key)
      // What is heard before its acknowledgement was not late.
      if (at === undefined || (at >= from && at <= to)) gaps.push(at === undefined ? 0 : line.t - at)
    }
    return gaps
  }

  close(): void {
    for (const reader of this.readers) reader.close()
  }
}
