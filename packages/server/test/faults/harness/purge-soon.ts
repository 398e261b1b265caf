// Retention is due at once, where a server does it every hour.
import { rewrite } from '../broken/rewrite.ts'

rewrite({
  jobs: ['sessions', 'mails', 'one_time_tokens'].map((name) => [
    `['${name}.purge', hour,`,
    `['${name}.purge', second,`,
  ]),
})
