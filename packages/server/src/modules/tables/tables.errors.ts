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
  max_affected_exceeded: [
    'invalid',
    'More rows would change than you allow',
    'Nothing was changed. Narrow the filter down, or send a larger max-affected.',
  ],
  batch_not_allowed: [
    'invalid',
    'A batch takes requests to tables only',
    'Send what `index` names by itself: paths under /data belong in a batch, except export and import.',
  ],
  query_timeout: [
    'timeout',
    'The database took too long',
    'Narrow the query down, or ask for an index on what it filters and sorts by.',
  ],
})
