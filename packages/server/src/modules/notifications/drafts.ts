import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import type { NotificationType } from './notification-types.schema.ts'

/** Somebody is to be told of something. */
export interface NotificationDraft {
  userId: string
  type: NotificationType
  /** Who did it; null where nobody in particular did. Nobody is told of their own doing. */
  actorId: string | null
  /** What it is about, and the path of the web app where it is seen. */
  target: { type: string; id: string; url: string } | null
  /** Ids, never content: `message_id` brings the text as it is when it is read. */
  data: Readonly<Record<string, string | number | boolean | null>>
  /** Stored and shown, neither pushed nor mailed. */
  quiet?: boolean
}

/** One message, one change: nobody makes so many people's pockets buzz at once. */
const draftLimit = 100

/** What a unit of work has told already; it is repeated as a whole, with a new one. */
const told = new WeakMap<UnitOfWork, Set<string>>()

/** The drafts that count: not to oneself, each person once per type and target, not too many. */
export function chooseDrafts(uow: UnitOfWork, drafts: readonly NotificationDraft[]): NotificationDraft[] {
  const seen = told.get(uow) ?? new Set()
  told.set(uow, seen)
  const chosen: NotificationDraft[] = []
  for (const draft of drafts) {
    if (chosen.length === draftLimit) break
    const key = JSON.stringify([draft.userId, draft.type, draft.target?.type, draft.target?.id])
    if (draft.userId === draft.actorId || seen.has(key)) continue
    seen.add(key)
    chosen.push(draft)
  }
  return chosen
}
