import { ApiError } from '@atrium/client'
import { client } from '../../app/client.ts'

/** How far somebody has read while the server was away, by conversation. */
const owed = new Map<string, number>()

/** Tells the server that everything up to `seq` has been seen; what does not arrive is told when it is back. */
export function tellReadPosition(conversationId: string, seq: number): void {
  client.conversations.markRead(conversationId, seq).catch((error: unknown) => {
    if (error instanceof ApiError && error.status < 500) return
    owed.set(conversationId, Math.max(seq, owed.get(conversationId) ?? 0))
  })
}

export function tellOwedPositions(): void {
  const due = [...owed]
  owed.clear()
  for (const [conversationId, seq] of due) tellReadPosition(conversationId, seq)
}

export const forgetOwedPositions = (): void => owed.clear()
