import { IconCheck, IconChecks } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useChat } from '../chat-actions.ts'
import { receiptsQuery } from '../queries.ts'
import { reachedOf } from './receipts.ts'
import classes from './ticks.module.css'

/** One: the server has it. Two: it has arrived. Two in colour: it was read. In groups one is enough, a list says more. */
export function Ticks({ seq }: { seq: number }) {
  const { t } = useTranslation()
  const { conversation, myId } = useChat()
  const { data } = useQuery({
    ...receiptsQuery(conversation.id),
    enabled: conversation.kind === 'direct',
    select: (receipts) =>
      reachedOf(
        seq,
        receipts.filter(({ user_id }) => user_id !== myId),
      ),
  })
  if (!data || data === 'sent') return <IconCheck size={14} role="img" aria-label={t('chat.sent')} />
  const label = data === 'read' ? t('chat.read') : t('chat.delivered')
  return <IconChecks size={15} className={classes[data]} role="img" aria-label={label} data-testid={`tick-${data}`} />
}
