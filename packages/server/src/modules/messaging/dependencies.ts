import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { FilesService } from '../files/index.ts'
import type { PeopleService, Relations } from '../people/index.ts'
import type { ListBlocks } from './visibility.ts'

/** News for one person about something here. `quiet`: kept and shown, without push and mail. */
export interface Notice {
  userId: string
  type: 'message_mention' | 'message_reply' | 'message_reaction' | 'conversation_invite'
  actorId: string
  target: { type: 'message' | 'conversation'; id: string; url: string }
  data: Record<string, string>
  quiet?: boolean
}

export interface MessagingDependencies {
  database: DatabaseHandle
  people: PeopleService
  files: FilesService
  listBlocks: ListBlocks
  /** Who may write to whom, and bring them into a conversation. */
  relations: Pick<Relations, 'assertMayMessage' | 'listUnreachable' | 'askWelcome'>
  /** Of these people, those who let others know how far they have read. */
  listReceiptSenders(db: Db, userIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Stores notices in the unit of work; its events are the caller's to append. */
  notify(uow: UnitOfWork, notices: readonly Notice[]): Promise<NewEvent[]>
  limiter: RateLimiter
  cursors: Cursors
  audit: AuditService
  bus: EventBus
  now: Clock
  publicUrl: URL
  /** How long after sending a message can be edited; 0: always. */
  editMinutes(): number
}

export const messageUrl = (conversationId: string, seq: number | string): string =>
  `/messages/${conversationId}?at=${seq}`

export const conversationUrl = (conversationId: string): string => `/messages/${conversationId}`
