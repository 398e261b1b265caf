import type { Conversation, Member } from '@atrium/client'

type Role = Member['role']
const rank: Record<Role, number> = { owner: 2, admin: 1, member: 0 }

type Mine = Pick<Conversation, 'kind' | 'my_role' | 'posting'>

/** The rules of the server, so that nothing is offered that it would refuse. */
export const administers = ({ kind, my_role }: Mine): boolean => kind !== 'direct' && my_role !== 'member'
export const canWrite = (conversation: Mine): boolean =>
  conversation.kind === 'direct' || conversation.posting === 'members' || administers(conversation)
export const canRemove = (conversation: Mine, role: Role): boolean =>
  administers(conversation) && (rank[conversation.my_role] > rank[role] || conversation.my_role === 'owner')

/** What somebody with this role can be made. */
export function rolesToGive({ kind, my_role }: Mine, role: Role): Role[] {
  if (kind === 'direct' || my_role === 'member') return []
  if (my_role === 'owner') return (['owner', 'admin', 'member'] as const).filter((each) => each !== role)
  return []
}
