import { addFileReaders } from './attachments.ts'
import { ChannelsService } from './channels.service.ts'
import { ConversationChanges } from './conversation-changes.service.ts'
import { ConversationPictures } from './conversation-pictures.service.ts'
import { ConversationsService } from './conversations.service.ts'
import { Departures } from './departures.service.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { EditingService } from './editing.service.ts'
import { InvitesService } from './invites.service.ts'
import { MarksService } from './marks.service.ts'
import { MembersService } from './members.service.ts'
import { MessagesService } from './messages.service.ts'
import { ReadingService } from './reading.service.ts'
import { addFileHolders } from './removal.ts'
import { SearchService } from './search.service.ts'
import { SearchBeginnings } from './search-beginnings.ts'

export type Messaging = ReturnType<typeof buildMessaging>

/** The room's services, each for one thing one does here. */
export const buildMessaging = (deps: MessagingDependencies) => {
  const departures = new Departures(deps)
  const searchBeginnings = new SearchBeginnings(deps)
  addFileReaders(deps.files, deps.database, deps.listBlocks)
  addFileHolders(deps)
  return {
    conversations: new ConversationsService(deps),
    changes: new ConversationChanges(deps),
    departures,
    files: deps.files,
    pictures: new ConversationPictures(deps),
    members: new MembersService(deps, departures),
    invites: new InvitesService(deps),
    channels: new ChannelsService(deps),
    messages: new MessagesService(deps),
    editing: new EditingService(deps),
    reading: new ReadingService(deps),
    marks: new MarksService(deps),
    search: new SearchService(deps, searchBeginnings),
    searchBeginnings,
  }
}
