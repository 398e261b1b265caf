import { IconCheck, IconChecks } from '@tabler/icons-react'
import { useContext } from 'react'
import { useChat } from '../chat-actions.ts'
import { ReachContext } from './reach.tsx'
import { reachedOf } from './receipts.ts'
import classes from './ticks.module.css'

/** One: the server has it. Two: it has arrived. Two in colour: it was read. In groups one is enough, a list says more. */
export function Ticks({ seq }: { seq: number }) {
  const { t } = useChat()
  const reached = reachedOf(seq, useContext(ReachContext))
  if (reached === 'sent') return <IconCheck size={14} role="img" aria-label={t('chat.sent')} />
  const label = reached === 'read' ? t('chat.read') : t('chat.delivered')
  return (
    <IconChecks size={15} className={classes[reached]} role="img" aria-label={label} data-testid={`tick-${reached}`} />
  )
}
