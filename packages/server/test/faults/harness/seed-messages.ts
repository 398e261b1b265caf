import { expect } from 'vitest'
import type { Installation } from './installation.ts'

const perBatch = 500

/** Messages as sending would have stored them, many at once. */
export async function seedMessages(
  { unitOfWork }: Installation,
  options: { conversationId: string; senderId: string; count: number; newId: () => string },
): Promise<void> {
  const { conversationId, senderId, count, newId } = options
  const stream = `conversation:${conversationId}`
  for (let first = 0; first < count; first += perBatch) {
    const ids = Array.from({ length: Math.min(perBatch, count - first) }, () => newId())
    await unitOfWork(async (uow) => {
      const at = new Date().toISOString()
      const events = await uow.append(ids.map((id) => ({ stream, type: 'message.created', refs: { message_id: id } })))
      const rows = events.map(({ seq }, index) => ({
        id: ids[index] ?? '',
        conversation_id: conversationId,
        seq,
        number: first + index + 1,
        sender_id: senderId,
        client_id: `seed-${first + index + 1}`,
        text: `message ${first + index + 1}`,
        edited_at: null,
        deleted_at: null,
        created_at: at,
        version: 1,
        reply_to_id: null,
        thread_id: null,
        mentions: null,
      }))
      await uow.tx.insertInto('messages').values(rows).execute()
      const last = { last_number: first + ids.length, last_message_at: at }
      await uow.tx.updateTable('conversations').set(last).where('id', '=', conversationId).execute()
    })
  }
}

/** From 1 to the count, each once and in order. */
export function assertFound(seqs: readonly number[], count: number): void {
  expect(seqs).toHaveLength(count)
  expect(seqs.findIndex((seq, index) => seq !== index + 1)).toBe(-1)
}
