import { expect } from 'vitest'
import { connect, type LiveClient } from './live-client.ts'
import type { TestApp, Visitor } from './test-app.ts'

/** Everything one browser holds: cookies, and a socket that is open. Needs an app that listens. */
export interface Access {
  visitor: Visitor
  live: LiveClient
}

export const openAccess = async (app: TestApp, visitor: Visitor): Promise<Access> => ({
  visitor: visitor.copy(),
  live: await connect(app, visitor),
})

/** REST, refresh and the socket are refused, and the socket heard why. */
export async function expectEnded(app: TestApp, { visitor, live }: Access, reason: string): Promise<void> {
  expect(await live.hears('session.ended')).toMatchObject({ reason })
  await live.hears('disconnect')
  const refused = [await visitor.copy().get('/users/me'), await visitor.copy().post('/auth/refresh')]
  expect(refused.map(({ status }) => status)).toEqual([401, 401])
  await expect(connect(app, visitor)).rejects.toMatchObject({ problem: { status: 401 } })
}

export async function expectOpen({ visitor, live }: Access): Promise<void> {
  expect((await visitor.copy().get('/auth/current_user')).json.authenticated).toBe(true)
  expect(live.socket.connected).toBe(true)
}
