import { type AtriumClient, createClient, type Message } from '@atrium/client'

/** Signs in and answers every message; what was written while it was away is answered when it comes back. */
export async function startEchoBot(options: {
  baseUrl: string
  username: string
  password: string
}): Promise<AtriumClient> {
  const { baseUrl, username, password } = options
  const client = createClient({ baseUrl, tokenDelivery: 'body' })
  const signedIn = await client.session.login({ identifier: username, password })
  if (signedIn.status !== 'complete') throw new Error('The account of a bot has no second factor')
  const me = signedIn.user

  const answer = (message: Message) => {
    if (message.sender.id !== me.id) client.outbox.send(message.conversation_id, `You said: ${message.text}`)
  }
  /** A conversation this program did not know: what it holds comes by REST, what follows comes live. */
  const load = async (stream: string, head: number) => {
    const [kind, id = ''] = stream.split(':')
    if (kind !== 'conversation') return
    const { last_read_seq } = await client.conversations.get(id)
    const unread = await client.conversations.messages(id, { after: last_read_seq, limit: 100 })
    // What is beyond the head comes as an event too.
    for (const message of unread.data) if (message.seq <= head) answer(message)
  }

  client.live.on('message.created', ({ data }) => answer(data))
  client.live.onStreams({ added: load, reset: load })
  client.live.connect()
  return client
}
