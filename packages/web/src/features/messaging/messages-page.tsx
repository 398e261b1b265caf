import { Outlet, useParams } from '@tanstack/react-router'
import { ConversationList } from './conversation-list.tsx'
import classes from './messages-page.module.css'
import { SearchHost } from './search/search-host.tsx'

/** The list and the open conversation side by side; on a phone one or the other. */
export function MessagesPage() {
  const { conversationId } = useParams({ strict: false })
  return (
    <div className={classes.panes} data-open={conversationId !== undefined}>
      <div className={classes.list}>
        <ConversationList openId={conversationId} />
      </div>
      <div className={classes.open}>
        <Outlet />
      </div>
      <SearchHost />
    </div>
  )
}
