import { answered, askAll, type Question } from '../../platform/db/at-once.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { AppendedEvent } from '../../platform/events/streams.ts'
import { askPublicUsers, type PublicUser } from '../accounts/index.ts'
import { askHides } from './marks.repository.ts'
import { listMessagesById, type MessageRow } from './messages.repository.ts'

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

export const ref = ({ refs }: AppendedEvent, name: string): string => String(refs[name] ?? '')
export const isOwnStream = ({ stream }: AppendedEvent): boolean => stream.startsWith('user:')

/** The messages of events and, on one more way to the database, what says who may see them and who wrote them. */
export class ToldMessages {
  readonly #askBlocks: AskBlocks
  readonly #withSenders: boolean
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
    const rows = await listMessagesById(
      db,
      events.map((event) => ref(event, 'message_id')),
    )
    const authors = [...new Set(rows.map(({ sender_id }) => sender_id))]
    const shared = events.filter((event) => !isOwnStream(event)).map((event) => ref(event, 'message_id'))
    const [senders, blocks, hides] = await askAll(db, [
      this.#withSenders ? askPublicUsers(db, authors) : answered<PublicUser[]>([]),
      this.#askBlocks(db, authors),
      askHides(db, shared),
    ])
    return { rows, senders, blocks, hides }
  }
}
