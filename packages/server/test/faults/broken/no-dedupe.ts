// Nothing keeps a second message with the same client_id out.
import { rewrite } from './rewrite.ts'

rewrite({
  'platform/db/migrations/0003_messaging': [
    [".addUniqueConstraint('messages_sender_id_client_id', ['sender_id', 'client_id'])", ''],
  ],
})
