import type { Conversation } from '@atrium/client'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { explainError } from '../../app/error-words.ts'
import { piece } from '../../app/piece.ts'
import { useUser } from '../../app/session.ts'
import { canWrite } from '../groups/member-rights.ts'
import classes from './chat.module.css'
import { ChatContext } from './chat-actions.ts'
import { ChatNotice, useNotice } from './chat-notice.tsx'
import { Composer } from './composer/composer.tsx'
import page from './conversation-page.module.css'
import { MessageList } from './message-list.tsx'
import { PinnedBar } from './pins/pinned-bar.tsx'
import { readMessages } from './queries.ts'
import { ReachOfOthers } from './receipts/reach.tsx'
import { TypingLine } from './typing/typing-line.tsx'
import { type ChatDialog, useChatActions } from './use-chat-actions.ts'
import { useJump } from './use-jump.ts'

const ReportDialog = piece('moderation', async () => (await import('../moderation/report-dialog.tsx')).ReportDialog)
const DeleteDialog = lazy(() => import('./message/delete-dialog.tsx').then((m) => ({ default: m.DeleteDialog })))
const HistoryDialog = lazy(() => import('./message/history-dialog.tsx').then((m) => ({ default: m.HistoryDialog })))
const PictureViewer = lazy(() => import('./attachments/picture-viewer.tsx').then((m) => ({ default: m.PictureViewer })))
const ReadersDialog = lazy(() => import('./receipts/readers-dialog.tsx').then((m) => ({ default: m.ReadersDialog })))
const ThreadPanel = lazy(() => import('./thread/thread-panel.tsx').then((m) => ({ default: m.ThreadPanel })))

interface ChatProps {
  conversation: Conversation
  name: string
  /** What the address asks for: a message (by id, or by its place) or a moment, and a thread. */
  at: string | undefined
  thread: string | undefined
}

/** The messages of one conversation, and everything one does with them. */
export function Chat({ conversation, name, at, thread }: ChatProps) {
  const { t } = useTranslation()
  const me = useUser()
  const cache = useQueryClient()
  const { id } = conversation
  const { notice, say, clear } = useNotice()
  const [dialog, setDialog] = useState<ChatDialog>()
  const onMissing = useCallback(
    (error?: unknown) => say(error === undefined ? t('chat.missing') : explainError(error, t), true),
    [say, t],
  )
  const jump = useJump(id, onMissing)
  const { toMessage } = jump
  const jumpTo = useCallback((place: { id: string; seq: number }) => void toMessage(place), [toMessage])
  const actions = useChatActions(conversation, { place: id, say, open: setDialog, jumpTo })
  useAddress(at, jump, onMissing)

  const editLast = () => {
    const last = readMessages(cache, id).findLast((each) => each.sender.id === me.id && each.deleted_at === null)
    if (last) actions.edit(last)
  }
  const close = () => setDialog(undefined)

  return (
    <ChatContext value={actions}>
      <ReachOfOthers conversation={conversation}>
        <div className={classes.chat} data-thread={thread !== undefined}>
          <div className={classes.main}>
            <PinnedBar conversationId={id} />
            <MessageList conversation={conversation} name={name} jump={jump} />
            <ChatNotice notice={notice} onClose={clear} />
            <TypingLine conversation={conversation} />
            {canWrite(conversation) ? (
              <Composer
                conversation={conversation}
                label={t('chat.writeTo', { name })}
                place={id}
                onEditLast={editLast}
              />
            ) : (
              <p className={page.closed}>{t('conversations.onlyAdmins')}</p>
            )}
          </div>
          {thread !== undefined && (
            <Suspense>
              <ThreadPanel key={thread} conversation={conversation} rootId={thread} say={say} open={setDialog} />
            </Suspense>
          )}
        </div>
      </ReachOfOthers>
      <Suspense>
        {dialog?.kind === 'delete' && <DeleteDialog message={dialog.message} onClose={close} />}
        {dialog?.kind === 'report' && (
          <ReportDialog target={{ target_type: 'message', target_id: dialog.message.id }} onClose={close} />
        )}
        {dialog?.kind === 'history' && <HistoryDialog message={dialog.message} onClose={close} />}
        {dialog?.kind === 'picture' && (
          <PictureViewer message={dialog.message} startId={dialog.fileId} onClose={close} />
        )}
        {dialog?.kind === 'readers' && (
          <ReadersDialog message={dialog.message} conversation={conversation} onClose={close} />
        )}
      </Suspense>
    </ChatContext>
  )
}

const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Notices and search lead to a message, the calendar to a day: each new address is gone to once. */
function useAddress(at: string | undefined, jump: ReturnType<typeof useJump>, onMissing: (error?: unknown) => void) {
  const done = useRef<string>(undefined)
  const { toMessage, toMoment } = jump
  useEffect(() => {
    if (at === undefined || done.current === at) return
    done.current = at
    if (isId.test(at)) client.messages.get(at).then(toMessage, () => onMissing())
    else if (!Number.isNaN(Date.parse(at))) void toMoment(new Date(at).toISOString())
  }, [at, toMessage, toMoment, onMissing])
}
