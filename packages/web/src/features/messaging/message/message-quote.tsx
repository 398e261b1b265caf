import type { Quote } from '@atrium/client'
import { useTranslation } from 'react-i18next'
import { personName } from '../../people/person.ts'
import { plainWords } from './markdown.ts'
import classes from './message-row.module.css'

/** What a message answers; leads to it. */
export function MessageQuote({ quote, myId, onJump }: { quote: Quote; myId: string; onJump: () => void }) {
  const { t } = useTranslation()
  const name = quote.sender.id === myId ? t('app.you') : personName(quote.sender)
  return (
    <button type="button" className={classes.quote} onClick={onJump} aria-label={t('chat.quoteOf', { name })}>
      <span className={classes.quoteName}>{name}</span>
      <span className={classes.quoteText}>{quoteWords(quote) || t('chat.removed')}</span>
    </button>
  )
}

/** What came without words is known by its files. A quote that was kept by an earlier version has none. */
export const fileNames = (attachments: readonly { name: string }[] | undefined): string =>
  (attachments ?? []).map(({ name }) => name).join(', ')

/** Quotes do not say how they were written; signs of formatting would only be in the way. */
export const quoteWords = (quote: Pick<Quote, 'text' | 'deleted_at' | 'attachments'>): string =>
  quote.deleted_at === null ? plainWords(quote.text, 'markdown') || fileNames(quote.attachments) : ''
