import { ActionIcon } from '@mantine/core'
import { IconArrowBackUp, IconPencil, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { personName } from '../../people/person.ts'
import { plainWords } from '../message/markdown.ts'
import { quoteWords } from '../message/message-quote.tsx'
import classes from './composer.module.css'
import type { Composition } from './composition.ts'

/** Says which message is answered or edited, and lets one think better of it. */
export function ComposingBar({ about, myId, onCancel }: { about: Composition; myId: string; onCancel: () => void }) {
  const { t } = useTranslation()
  const isEdit = about.kind === 'edit'
  const Icon = isEdit ? IconPencil : IconArrowBackUp
  const name =
    about.kind === 'reply' ? (about.quote.sender.id === myId ? t('app.you') : personName(about.quote.sender)) : ''
  return (
    <div className={classes.about} data-testid="composing">
      <Icon size={18} stroke={1.75} aria-hidden />
      <div className={classes.aboutWords}>
        <strong>{isEdit ? t('chat.editing') : t('chat.replyingTo', { name })}</strong>
        <span>{isEdit ? plainWords(about.before, 'markdown') : quoteWords(about.quote)}</span>
      </div>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={isEdit ? t('chat.editCancel') : t('chat.replyCancel')}
        onClick={onCancel}
      >
        <IconX size={18} stroke={1.75} aria-hidden />
      </ActionIcon>
    </div>
  )
}
