// Nothing keeps a second message with the same client_id out.
import { rewrite } from './rewrite.ts'

rewrite({
  // Those that are stored together are compared before.
  'modules/messaging/messages.service': [['isPlain(input)', 'false']],
  'platform/db/migrations/0003_messaging': [
    [".addUniqueConstraint('messages_sender_id_client_id', ['sender_id', 'client_id'])", ''],
  ],
})
