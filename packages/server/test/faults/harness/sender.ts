import type { Message } from '../../../src/modules/messaging/message.schema.ts'
import type { Ack, History } from './history.ts'
import { ask } from './person.ts'
import type { Reader } from './reader.ts'

export interface Draft {
  conversation_id: string
  client_id: string
  text: string
}

export type Outcome =
  | { phase: 'ok'; ack: Ack; message: Message }
  /** Surely not done, with the code that says why. */
  | { phase: 'fail'; code: string }
  | { phase: 'info' }

const answerLimitMs = 5_000

/** Sends once, over REST or the socket of `reader`, and notes what came of it. */
export async function send(
  history: History,
  reader: Reader,
  via: 'rest' | 'socket',
  draft: Draft,
  origin: string,
): Promise<Outcome> {
  const noted = history.sends(reader.name, draft.client_id, { conversation: draft.conversation_id, via })
  try {
    const { status, body } = via === 'rest' ? await post(reader, draft, origin) : await emit(reader, draft)
    if (status < 300) {
      const { id, conversation_id, seq, number, deduplicated = false } = body
      const ack = { id, conversation_id, seq, number, deduplicated }
      noted.ok(ack)
      return { phase: 'ok', ack, message: body }
    }
    const reason = `${status} ${body.code}`
    if (status >= 500) {
      noted.info(reason)
      return { phase: 'info' }
    }
    noted.fail(reason)
    return { phase: 'fail', code: body.code }
  } catch (error) {
    noted.info(String(error))
    return { phase: 'info' }
  }
}

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a message or a problem
  body: any
}

async function post({ person }: Reader, { conversation_id, ...body }: Draft, origin: string): Promise<Answer> {
  const { status, json } = await ask(origin, `/conversations/${conversation_id}/messages`, {
    token: person.token,
    body,
  })
  return { status, body: json }
}

async function emit({ socket }: Reader, draft: Draft): Promise<Answer> {
  // Socket.IO would keep it and send it some day; who sends must know.
  if (!socket.connected) throw new Error('not connected')
  const { ok, data, error } = await socket.timeout(answerLimitMs).emitWithAck('message.send', draft)
  return ok ? { status: 200, body: data } : { status: error.status, body: error }
}
