import type { Message } from '@atrium/client'
import { Modal, Skeleton, Stack } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Skeleton.css'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { client } from '../../../app/client.ts'
import { Failure } from '../../../app/failure.tsx'
import { useDates } from '../../../app/use-dates.ts'
import classes from './history-dialog.module.css'
import { MessageText } from './message-text.tsx'

interface Said {
  text: string
  at: string
}

/** What a message says now and what it said before, newest first. */
export function HistoryDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation()
  const dates = useDates()
  const query = useQuery({
    queryKey: ['history', message.id, message.version],
    queryFn: () => client.messages.history(message.id),
    gcTime: 0,
  })
  // Each version is dated by the edit that ended it: it was said from the edit before on.
  const said = (query.data ?? []).map(
    ({ text }, index, all): Said => ({ text, at: all[index - 1]?.edited_at ?? message.created_at }),
  )
  const now: Said = { text: message.text, at: query.data?.at(-1)?.edited_at ?? message.edited_at ?? message.created_at }
  return (
    <Modal opened onClose={onClose} title={t('chat.historyTitle')} closeButtonProps={{ 'aria-label': t('app.close') }}>
      {query.isPending && (
        <Stack role="status" aria-label={t('app.loading')}>
          <Skeleton h={48} />
          <Skeleton h={48} />
        </Stack>
      )}
      {query.error && <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <ol className={classes.versions}>
          {[...said, now].toReversed().map(({ text, at }, index) => (
            <li key={at} className={classes.version} data-now={index === 0 || undefined}>
              <span className={classes.at}>
                {index === 0 ? t('chat.historyNow') : index === said.length ? t('chat.historyFirst') : ''}{' '}
                <time dateTime={at}>{dates.full(new Date(at))}</time>
              </span>
              <div className={classes.words}>
                <MessageText text={text} format={message.format} myName="" mentions={[]} />
              </div>
            </li>
          ))}
        </ol>
      )}
    </Modal>
  )
}
