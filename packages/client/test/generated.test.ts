import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import type { EventType, Receipt } from '../src/index.ts'

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

it('has the types of the routes as they are now', async () => {
  const check = promisify(execFile)(process.execPath, [file('scripts/generate-client.mjs'), '--check'])
  await expect(check).resolves.toMatchObject({ stderr: '' })
})

// events.md is written from the server's schemas, and a test of the server holds it to them.
const durable = new Map(
  readFileSync(file('docs/reference/events.md'), 'utf8')
    .split('## Events of the connection')[0]
    ?.split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, name]) => name?.startsWith('`'))
    .map(([, name = '', , fields = '']) => [name.slice(1, -1), fields.match(/\w+/g)]),
)

it('names the events the server sends', () => {
  const names: Record<EventType, true> = {
    'account.updated': true,
    'block.changed': true,
    'conversation.created': true,
    'conversation.member': true,
    'conversation.removed': true,
    'conversation.updated': true,
    'file.ready': true,
    'friend.removed': true,
    'friend_request.accepted': true,
    'friend_request.created': true,
    'friend_request.declined': true,
    'message.created': true,
    'message.deleted': true,
    'message.reaction': true,
    'message.receipt': true,
    'message.updated': true,
    'notification.created': true,
    'notification.read': true,
  }
  expect([...durable.keys()].sort()).toEqual(Object.keys(names).sort())
})

it('knows the fields of the one event that no route answers', () => {
  const fields: Record<keyof Receipt, true> = {
    conversation_id: true,
    user_id: true,
    delivered_seq: true,
    read_seq: true,
    at: true,
  }
  expect(durable.get('message.receipt')).toEqual(Object.keys(fields))
})
