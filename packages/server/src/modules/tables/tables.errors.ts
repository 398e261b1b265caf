import { defineErrors } from '../../platform/errors.ts'

export const tablesErrors = defineErrors({
  paging_conflict: ['malformed', 'cursor and page exclude each other', 'Send one of them.'],
  read_only_source: [
    'forbidden',
    'This table can only be read',
    'The database lets this server read it, not write it; its operator can change that.',
  ],
  foreign_key_conflict: [
    'conflict',
    'Rows that belong together would come apart',
    'What it points to has to exist, and what points to it has to go first.',
  ],
  query_timeout: [
    'timeout',
    'The database took too long',
    'Narrow the query down, or ask for an index on what it filters and sorts by.',
  ],
})
