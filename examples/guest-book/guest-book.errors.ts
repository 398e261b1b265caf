import { defineErrors } from '@atrium/server'

export const guestBookErrors = defineErrors({
  guest_book_entry_not_found: ['not_found', 'There is no such entry', 'Read the list again: it may have been removed.'],
  guest_book_full: [
    'conflict',
    'You have written enough for today',
    'Come back tomorrow, or remove an entry of yours first.',
  ],
})
