import { command, defineModule } from '@atrium/server'
import { guestBookErrors } from './guest-book.errors.ts'
import { entries } from './guest-book.migrations.ts'
import type { GuestBookTables } from './guest-book.repository.ts'
import { guestBookRoutes } from './guest-book.routes.ts'
import { guestBookSettings, NewEntry } from './guest-book.schema.ts'
import { entryCreated, entryRemoved, GuestBook } from './guest-book.service.ts'

/** A book that everyone may read and people may write in, live. */
export default defineModule<GuestBookTables>()({
  name: 'guest-book',
  tables: ['guest_book_entries'],
  migrations: { '0001_entries': entries },
  permissions: {
    'guest_book:read': { description: 'Read the guest book', roles: ['guest', 'user', 'moderator'] },
    'guest_book:write': { description: 'Write in the guest book', roles: ['user', 'moderator'] },
    'guest_book:remove': { description: 'Remove entries of others from the guest book', roles: ['moderator'] },
  },
  settings: guestBookSettings,
  errors: guestBookErrors.table,
  auditEvents: { 'guest_book.entry_removed': { category: 'data', retention: 'admin' } },
  streams: { board: { permission: 'guest_book:read' } },
  build(ground) {
    const book = new GuestBook(ground)
    return {
      routes: guestBookRoutes(book),
      commands: [
        command<NewEntry>('guest_book.write', { permission: 'guest_book:write' }, NewEntry, (actor, input) =>
          book.write(actor, input),
        ),
      ],
      events: [
        { types: [entryCreated], render: (_db, events) => book.tellCreated(events) },
        { types: [entryRemoved], render: async (_db, events) => events.map(({ refs }) => ({ id: refs.entry_id })) },
      ],
      jobs: [{ name: 'purge', everySeconds: 3600, run: () => book.purge() }],
      forget: (work, userId) => book.forget(work, userId),
    }
  },
})
