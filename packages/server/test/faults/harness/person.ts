import type { Message } from '../../../src/modules/messaging/message.schema.ts'

/** Someone with an account, signed in as an app would be. */
export interface Person {
  name: string
  id: string
  token: string
}

const defaultLimitMs = 10_000

/** A JSON request; throws what fetch throws, and an error for an answer that is no JSON. */
export async function ask(
  origin: string,
  path: string,
  { token, body, limitMs = defaultLimitMs }: { token?: string; body?: unknown; limitMs?: number } = {},
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
): Promise<{ status: number; json: any }> {
  const response = await fetch(`${origin}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(limitMs),
  })
  return { status: response.status, json: await response.json() }
}

async function askFor(status: number, ...request: Parameters<typeof ask>) {
  const answer = await ask(...request)
  if (answer.status !== status) throw new Error(`${request[1]}: ${answer.status} ${JSON.stringify(answer.json)}`)
  return answer.json
}

export async function register(origin: string, name: string): Promise<Person> {
  const account = { username: name, email: `${name}@example.com`, password: 'a quiet harbour at dawn' }
  const json = await askFor(201, origin, '/auth/register', { body: { ...account, token_delivery: 'body' } })
  return { name, id: json.user.id, token: json.access_token }
}

/** One more session of someone who has an account. */
export async function signIn(origin: string, name: string): Promise<Person> {
  const body = { identifier: name, password: 'a quiet harbour at dawn', token_delivery: 'body' }
  const json = await askFor(200, origin, '/auth/login', { body })
  return { name, id: json.user.id, token: json.access_token }
}

/** One after the other: hashing takes all the time, and a crowd would be turned away. */
export async function registerAll(origin: string, count: number): Promise<Person[]> {
  const people: Person[] = []
  for (let number = 1; number <= count; number++) people.push(await register(origin, `person${number}`))
  return people
}

/** The id of the conversation of two. */
export async function converse(origin: string, person: Person, other: Person): Promise<string> {
  const body = { kind: 'direct', member_ids: [other.id] }
  return (await askFor(201, origin, '/conversations', { token: person.token, body })).id
}

/** All messages after a seq, oldest first. Throws when any page cannot be had. */
export async function readMessages(origin: string, person: Person, conversation: string, after = 0) {
  const messages: Message[] = []
  for (let hasMore = true; hasMore; ) {
    const position = messages.at(-1)?.seq ?? after
    const path = `/conversations/${conversation}/messages?after=${position}&limit=100`
    const { data, page } = await askFor(200, origin, path, { token: person.token })
    messages.push(...data)
    hasMore = page.has_more
  }
  return messages
}
