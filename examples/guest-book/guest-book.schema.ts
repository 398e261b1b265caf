import { Id, pageOf, type Static, strict, Time, Type } from '@atrium/server'

export const guestBookSettings = Type.Object({
  GUEST_BOOK_ENTRIES_PER_DAY: Type.Integer({ default: 20, minimum: 1, maximum: 1000 }),
  GUEST_BOOK_KEEP_DAYS: Type.Integer({ default: 365, minimum: 1, maximum: 36_500 }),
})
export type GuestBookSettings = Static<typeof guestBookSettings>

export const Entry = Type.Object(
  { id: Id, author: Type.String({ description: 'User name' }), text: Type.String(), created_at: Time },
  { title: 'GuestBookEntry' },
)
export type Entry = Static<typeof Entry>

export const NewEntry = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 500 }) },
  { ...strict, title: 'GuestBookNewEntry' },
)
export type NewEntry = Static<typeof NewEntry>

export const EntryList = pageOf(Entry, 'GuestBookEntryList')
export type EntryList = Static<typeof EntryList>

export const ListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
export type ListQuery = Static<typeof ListQuery>
