import type { Conversation, List, Message, Person } from '@atrium/client'

const start = Date.parse('2026-11-20T09:00:00.000Z')

export const person = (id: string): Person & { bio: null; avatar: null; created_at: string } => ({
  id,
  username: id,
  display_name: null,
  bio: null,
  avatar: null,
  created_at: new Date(start).toISOString(),
})

/** The n-th message of conversation c1, a minute after the one before; every third place of its stream is another event. */
export function message(number: number, sender = 'anna', more: Partial<Message> = {}): Message {
  return {
    id: `m${number}`,
    conversation_id: 'c1',
    seq: number + Math.floor(number / 3),
    number,
    sender: person(sender),
    client_id: `k${number}`,
    text: `text ${number}`,
    format: 'plain',
    reply_to: null,
    thread_id: null,
    reply_count: 0,
    attachments: [],
    mentions: [],
    reactions: [],
    pinned: false,
    edited_at: null,
    deleted_at: null,
    created_at: new Date(start + number * 60_000).toISOString(),
    version: 1,
    ...more,
  }
}

export function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    kind: 'direct',
    title: null,
    description: null,
    avatar: null,
    public: false,
    history_open: true,
    posting: 'members',
    member_count: 2,
    members_preview: [person('anna')],
    last_message: null,
    unread_count: 0,
    mention_count: 0,
    muted_until: null,
    pinned: false,
    archived: false,
    my_role: 'member',
    last_read_seq: 0,
    created_at: new Date(start).toISOString(),
    updated_at: new Date(start).toISOString(),
    version: 1,
    ...more,
  }
}

export const list = <Item>(data: Item[], has_more = false): List<Item> => ({
  data,
  page: { limit: 40, next_cursor: has_more ? 'next' : null, prev_cursor: null, has_more },
})

export const pages = <Item>(...lists: List<Item>[]) => ({ pages: lists, pageParams: lists.map((): unknown => null) })
