import { useCallback, useEffect, useRef } from 'react'
import { client } from '../../../app/client.ts'

const againMs = 3_000

/** Tells the others that one is writing: at most every three seconds, and when one has stopped. */
export function useTyping(conversationId: string): { typed: () => void; stopped: () => void } {
  const toldAt = useRef(0)

  const stopped = useCallback(() => {
    if (toldAt.current === 0) return
    toldAt.current = 0
    tell('typing.stop', conversationId)
  }, [conversationId])

  const typed = useCallback(() => {
    const now = Date.now()
    if (now - toldAt.current < againMs) return
    toldAt.current = now
    tell('typing.start', conversationId)
  }, [conversationId])

  useEffect(() => stopped, [stopped])
  return { typed, stopped }
}

/** Nobody misses it when it does not arrive. */
function tell(command: 'typing.start' | 'typing.stop', conversation_id: string): void {
  client.live.send(command, { conversation_id }).catch(() => {})
}
