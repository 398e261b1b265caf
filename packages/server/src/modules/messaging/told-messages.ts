import { answered, askAll, type Question } from '../../platform/db/at-once.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { AppendedEvent } from '../../platform/events/streams.ts'
import { askPublicUsers, type PublicUser } from '../accounts/index.ts'
import { askHides } from './marks.repository.ts'
import { askMessagesById, type MessageRow } from './messages.repository.ts'

export type AskBlocks = (
  db: Db,
  userIds: readonly string[],
) => Question<readonly { blocker_id: string; blocked_id: string }[]>

export interface Around {
  rows: MessageRow[]
  /** Who wrote them, where that was asked. */
  senders: PublicUser[]
  /** In which one of the authors takes part. */
  blocks: readonly { blocker_id: string; blocked_id: string }[]
  /** Who deleted which for themselves; not asked where only one person hears of it. */
  hides: readonly { user_id: string; message_id: string }[]
}

/** So many streams, so many authors of one, and so many blocks around them, are nothing to speak of. */
const [mostStreams, mostExpected, mostBlocks] = [5_000, 8, 100]

export const ref = ({ refs }: AppendedEvent, name: string): string => String(refs[name] ?? '')
export const isOwnStream = ({ stream }: AppendedEvent): boolean => stream.startsWith('user:')

/**
 * The messages of events with what says who may see them and who wrote them, on one way to the database; on one more where
 * somebody writes who has not lately.
 */
export class ToldMessages {
  readonly #askBlocks: AskBlocks
  readonly #withSenders: boolean
  /** Who wrote last, by stream: mostly they do again, and what is asked about them need not wait for the messages. */
  readonly #authors = new Map<string, readonly string[]>()
  /** What is told of them and from whom it is hidden are asked side by side. */
  readonly #reading = new WeakMap<readonly AppendedEvent[], Promise<Around>>()

  constructor(askBlocks: AskBlocks, { withSenders }: { withSenders: boolean }) {
    this.#askBlocks = askBlocks
    this.#withSenders = withSenders
  }

  of(db: Db, events: readonly AppendedEvent[]): Promise<Around> {
    const known = this.#reading.get(events) ?? this.#read(db, events)
    this.#reading.set(events, known)
    return known
  }

  async #read(db: Db, events: readonly AppendedEvent[]): Promise<Around> {
    const ids = events.map((event) => ref(event, 'message_id'))
    const shared = events.filter((event) => !isOwnStream(event)).map((event) => ref(event, 'message_id'))
    const stream = events[0]?.stream ?? ''
    const expected = this.#authors.get(stream) ?? []
    const [rows, hides, known, around] = await askAll(db, [
      askMessagesById(db, ids),
      askHides(db, shared),
      ...this.#askAbout(db, expected),
    ])
    const authors = [...new Set(rows.map(({ sender_id }) => sender_id))]
    const others = authors.filter((id) => !expected.includes(id))
    const [senders, more] = others.length === 0 ? [[], []] : await askAll(db, this.#askAbout(db, others))
    const blocks = [...around, ...more]
    if (this.#authors.size > mostStreams) this.#authors.clear()
    // Whoever is blocked by half the world is asked about when they write, and not each time others do.
    const next = blocks.length > mostBlocks ? [] : [...new Set([...authors, ...expected])].slice(0, mostExpected)
    this.#authors.set(stream, next)
    return { rows, senders: [...known, ...senders], blocks, hides }
  }

  #askAbout(db: Db, authors: readonly string[]) {
    return [
      this.#withSenders ? askPublicUsers(db, authors) : answered<PublicUser[]>([]),
      this.#askBlocks(db, authors),
    ] as const
  }
}
