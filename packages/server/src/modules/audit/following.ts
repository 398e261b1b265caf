import type { Db } from '../../platform/db/schema.ts'
import type { AuditEvent } from './audit.schema.ts'
import { toAuditEvent } from './audit-views.ts'
import { findSeal, listEvents, readHead, sealsAfter } from './seals.repository.ts'

/** How many events are sealed; those to come have higher positions. */
export const chainPosition = async (db: Db): Promise<number> => (await readHead(db)).position

/** Where the event is in the chain; null until it is sealed, and of an event there never was. */
export const positionOf = async (db: Db, eventId: string): Promise<number | null> =>
  (await findSeal(db, eventId))?.position ?? null

export interface SealedEvent {
  id: string
  type: string
  success: boolean
}

/** What was sealed after `position`, in its order, without gaps. What was purged meanwhile is left out; `upTo` is where it ends. */
export async function listSealedEvents(db: Db, position: number, limit: number) {
  const seals = await sealsAfter(db, position, limit).execute()
  const rows = await listEvents(
    db,
    seals.map(({ event_id }) => event_id),
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  const events = seals.flatMap(({ event_id }): SealedEvent[] => {
    const row = byId.get(event_id)
    return row ? [{ id: row.id, type: row.type, success: row.success === 1 }] : []
  })
  return { events, upTo: seals.at(-1)?.position ?? position }
}

/** As those see it who may read the audit log; undefined once it was purged. */
export async function findAuditEvent(db: Db, id: string): Promise<AuditEvent | undefined> {
  const [row] = await listEvents(db, [id])
  return row && toAuditEvent(row)
}
