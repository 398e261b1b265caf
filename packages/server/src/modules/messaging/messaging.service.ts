import { ConversationsService } from './conversations.service.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { EditingService } from './editing.service.ts'
import { MarksService } from './marks.service.ts'
import { MessagesService } from './messages.service.ts'
import { ReadingService } from './reading.service.ts'
import { SearchService } from './search.service.ts'

export type Messaging = ReturnType<typeof buildMessaging>

/** The room's services, each for one thing one does here. */
export const buildMessaging = (deps: MessagingDependencies) => ({
  conversations: new ConversationsService(deps),
  messages: new MessagesService(deps),
  editing: new EditingService(deps),
  reading: new ReadingService(deps),
  marks: new MarksService(deps),
  search: new SearchService(deps),
})
