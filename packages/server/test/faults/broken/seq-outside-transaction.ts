// Places are taken in a transaction of their own, before the message's: they are given out in order and commit in any.
import { rewrite } from './rewrite.ts'

const apart = '(work) => globalThis.writerOfPlaces.transaction().execute(work)'
const dawdle = 'await new Promise((done) => setTimeout(done, Math.random() * 30))'

rewrite({
  'platform/db/database': [['const writer = new Kysely', 'const writer = globalThis.writerOfPlaces = new Kysely']],
  'platform/events/streams': [
    ['await raiseHeads(tx, dialect, events, held)', `await (${apart})((tx) => raiseHeads(tx, dialect, events))`],
  ],
  'modules/messaging/messages.service': [
    // Those that are stored together hold their conversation first, and none could pass another.
    ['isPlain(input)', 'false'],
    ['await takeNumber(uow.tx, conversationId, at)', `await (${apart})((tx) => takeNumber(tx, conversationId, at))`],
    ['await writeAll(', `${dawdle}; await writeAll(`],
  ],
})
