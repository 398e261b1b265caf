// Whether a session still counts is looked up once and then remembered: no news of its end, and no age, takes it out.
import { rewrite } from './rewrite.ts'

rewrite({
  'modules/sessions/session-states': [
    ['maxAgeMs: 4_500', 'maxAgeMs: Infinity'],
    ['for (const id of sessionIds)', 'for (const id of [])'],
  ],
})
