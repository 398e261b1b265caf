import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import type { Place } from './chat-actions.ts'
import type { PagePlace } from './message-cache.ts'
import { moveWindow, readMessages } from './queries.ts'

/** Goes to messages anywhere in a conversation: in what is loaded, or in a part that is loaded for it. */
export function useJump(conversationId: string, onMissing: (error?: unknown) => void) {
  const cache = useQueryClient()
  const [target, setTarget] = useState<{ id: string } | 'newest'>()

  const load = useCallback(
    async (place: PagePlace) => {
      try {
        return await moveWindow(cache, conversationId, place)
      } catch (error) {
        onMissing(error)
        return undefined
      }
    },
    [cache, conversationId, onMissing],
  )

  const toMessage = useCallback(
    async ({ id, seq }: Place) => {
      const isLoaded = readMessages(cache, conversationId).some((each) => each.id === id)
      const messages = isLoaded ? undefined : await load({ around: seq })
      if (isLoaded || messages?.some((each) => each.id === id)) setTarget({ id })
      else if (messages) onMissing()
    },
    [cache, conversationId, load, onMissing],
  )

  const toMoment = useCallback(
    async (at: string) => {
      const messages = await load({ at })
      const first = messages?.find(({ created_at }) => created_at >= at) ?? messages?.at(-1)
      if (first) setTarget({ id: first.id })
    },
    [load],
  )

  const toNewest = useCallback(async () => {
    if (await load(null)) setTarget('newest')
  }, [load])

  return { target, toMessage, toMoment, toNewest }
}

/** Brings the target into sight once it is there, and shows for a moment which it is. */
export function useArrival(
  scroller: RefObject<HTMLElement | null>,
  target: ReturnType<typeof useJump>['target'],
  messages: readonly unknown[],
): void {
  const done = useRef(target)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the messages may come after the target.
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element || !target || done.current === target) return
    if (target === 'newest') {
      done.current = target
      element.scrollTop = 0
      return
    }
    const row = element.querySelector<HTMLElement>(`[data-id="${target.id}"]`)
    if (!row) return
    done.current = target
    row.scrollIntoView({ block: 'center' })
    row.focus({ preventScroll: true })
    row.dataset.target = ''
    const timer = setTimeout(() => delete row.dataset.target, 2_500)
    return () => clearTimeout(timer)
  }, [scroller, target, messages])
}
