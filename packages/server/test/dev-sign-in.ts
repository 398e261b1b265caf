import type { Answer, Visitor } from './test-app.ts'

/** What is typed and switched on the page of the development provider. */
export interface DevPerson {
  name?: string
  email?: string
  denied?: boolean
  no_email?: boolean
  unverified_email?: boolean
  slow?: boolean
  bad_state?: boolean
  wrong_nonce?: boolean
}

/** A path of ours, as `visitor.get` takes it. */
export const pathOf = (address: string): string => {
  const { pathname, search } = new URL(address, 'http://localhost:8000')
  return pathname + search
}

/** Follows to the page of the development provider: its address. */
export async function leave(visitor: Visitor, query: Record<string, string> = {}): Promise<URL> {
  const answer = await visitor.get(`/oauth/dev/initiate?${new URLSearchParams(query)}`)
  if (answer.status !== 302) throw new Error(`initiate: ${answer.status} ${answer.body}`)
  return new URL(String(answer.headers.location))
}

/** Fills in the form of that page and sends it: the address the provider sends the browser back to. */
export async function approve(visitor: Visitor, page: URL, person: DevPerson): Promise<string> {
  const shown = await visitor.get(pathOf(page.href))
  const fields = [...shown.body.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
  const form = new URLSearchParams(
    fields.map(([, name = '', value = '']): [string, string] => [name, unescaped(value)]),
  )
  form.set('name', person.name ?? 'Dev Person')
  form.set('email', person.email ?? 'dev@example.com')
  for (const [name, on] of Object.entries(person)) if (on === true) form.set(name, 'on')
  const answer = await visitor.get(`/dev/oidc/approve?${form}`)
  if (answer.status !== 302) throw new Error(`approve: ${answer.status} ${answer.body}`)
  return String(answer.headers.location)
}

/** From the sign-in page to where the callback leads. */
export async function signInWithDev(
  visitor: Visitor,
  person: DevPerson,
  query: Record<string, string> = {},
): Promise<Answer> {
  const back = await approve(visitor, await leave(visitor, query), person)
  return visitor.get(pathOf(back))
}

const unescaped = (text: string): string =>
  text.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)))
