import type { Answer, TestApp, Visitor } from './test-app.ts'

let counter = 0

/** Writes a message that was not written before. */
export const say = (who: Visitor, id: string, text = 'text', more: object = {}): Promise<Answer> =>
  who.post(`/conversations/${id}/messages`, { client_id: `say-${++counter}`, text, ...more })

/** A group of these people, or what `more` says; answers its id. */
export async function beginGroup(owner: Visitor, others: readonly Visitor[], more: object = {}): Promise<string> {
  const body = { kind: 'group', title: 'Harbour', member_ids: others.map(({ userId }) => userId), ...more }
  const answer = await owner.post('/conversations', body)
  if (answer.status !== 201) throw new Error(`beginning a group: ${answer.body}`)
  return answer.json.id
}

export const outcome = ({ status, json }: Pick<Answer, 'status' | 'json'>): [number, string | undefined] => [
  status,
  json?.code,
]

/** What the conversation counts, and how many members there are. */
export async function countMembers(
  { database }: TestApp,
  id: string,
): Promise<{ member_count: number; members: number; owners: number }> {
  const { db } = database
  const conversation = db.selectFrom('conversations').select('member_count').where('id', '=', id)
  const members = await db.selectFrom('conversation_members').select('role').where('conversation_id', '=', id).execute()
  return {
    member_count: (await conversation.executeTakeFirstOrThrow()).member_count,
    members: members.length,
    owners: members.filter(({ role }) => role === 'owner').length,
  }
}
