// A row like the one a message leaves in its table, with the same keys.
export const columns =
  'id, conversation_id, seq, number, sender_id, client_id, text, edited_at, deleted_at, created_at, version'.split(', ')

export const keys = `primary key (id), unique (sender_id, client_id), unique (conversation_id, seq),
  unique (conversation_id, number)`

const conversations = 25
const senders = 50

/** Message after message of many people in many conversations, each with its place; ids sort by time, as UUIDv7 do. */
export function messageRow(index) {
  const at = new Date()
  const number = Math.floor(index / conversations) + 1
  const id = idOf(at.getTime(), index)
  const conversation = idOf(conversations, index % conversations)
  const sender = idOf(senders, index % senders)
  const text = `Message ${number}: see you at the harbour at half past seven?`
  return [id, conversation, number, number, sender, `${sender}-${number}`, text, null, null, at.toISOString(), 1]
}

function idOf(first, last) {
  const [head, tail] = [first, last].map((number) => number.toString(16).padStart(12, '0'))
  return `${head.slice(0, 8)}-${head.slice(8)}-7000-8000-${tail}`
}

/** What a list of latencies in milliseconds says. */
export function summary(latencies, seconds) {
  const list = Float64Array.from(latencies).sort()
  const at = (share) => list[Math.floor(list.length * share)]
  return { rate: list.length / seconds, p50: at(0.5), p99: at(0.99) }
}
