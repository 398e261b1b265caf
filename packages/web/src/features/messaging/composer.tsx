import { ActionIcon, VisuallyHidden } from '@mantine/core'
import { IconSend2 } from '@tabler/icons-react'
import { type FormEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { client } from '../../app/client.ts'
import { useUser } from '../../app/session.ts'
import classes from './composer.module.css'
import { useDraft } from './drafts.ts'

const maxLength = 4_000
/** From here on it is said how much room is left. */
const mentionedBelow = 300

export function Composer({ conversationId, name }: { conversationId: string; name: string }) {
  const { t } = useTranslation()
  const me = useUser()
  const [text, setText] = useDraft(me.id, conversationId)
  const field = useRef<HTMLTextAreaElement>(null)
  const left = maxLength - [...text.trim()].length
  const canSend = text.trim() !== '' && left >= 0

  // Not on a touch screen, where it would open the keyboard over the messages.
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [])

  // As tall as its text; the style sheet says where that ends and it scrolls.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what the height is measured from.
  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [text])

  const send = (event?: FormEvent) => {
    event?.preventDefault()
    if (!canSend) return
    client.outbox.send(conversationId, text.trim())
    setText('')
    field.current?.focus()
  }

  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed (Chinese, Japanese …), Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }

  const hint =
    left < 0 ? t('chat.tooLong', { count: -left }) : left < mentionedBelow ? t('chat.left', { count: left }) : ''

  return (
    <form className={classes.composer} onSubmit={send}>
      <div className={classes.box} data-over={left < 0 || undefined}>
        <textarea
          ref={field}
          className={classes.field}
          aria-label={t('chat.writeTo', { name })}
          aria-describedby="composer-keys composer-hint"
          aria-invalid={left < 0 || undefined}
          placeholder={t('chat.write')}
          rows={1}
          enterKeyHint="send"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <ActionIcon type="submit" size={40} radius="xl" disabled={!canSend} aria-label={t('chat.send')}>
          <IconSend2 size={20} stroke={1.75} aria-hidden />
        </ActionIcon>
      </div>
      <VisuallyHidden id="composer-keys">{t('chat.keys')}</VisuallyHidden>
      <p id="composer-hint" className={classes.hint} role="status" data-over={left < 0 || undefined}>
        {hint}
      </p>
    </form>
  )
}
