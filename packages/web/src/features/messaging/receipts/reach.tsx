import type { Conversation, MemberReceipt } from '@atrium/client'
import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback } from 'react'
import { useUser } from '../../../app/session.ts'
import { receiptsQuery } from '../queries.ts'
import { type Reach, reachOf } from './receipts.ts'

/** Asked for once by the conversation, not by each of its rows, of which hundreds come and go while one scrolls. */
export const ReachContext = createContext<Reach | null>(null)

export function ReachOfOthers({ conversation, children }: { conversation: Conversation; children: ReactNode }) {
  const { id: myId } = useUser()
  const { data } = useQuery({
    ...receiptsQuery(conversation.id),
    enabled: conversation.kind === 'direct',
    select: useCallback(
      (receipts: MemberReceipt[]) => reachOf(receipts.filter(({ user_id }) => user_id !== myId)),
      [myId],
    ),
  })
  return <ReachContext value={data ?? null}>{children}</ReachContext>
}
