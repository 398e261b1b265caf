import type { Conversation, Pending } from '@atrium/client'
import { ActionIcon, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconPaperclip, IconSend2 } from '@tabler/icons-react'
import { type FormEvent, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useUser } from '../../../app/session.ts'
import files from '../attachments/attachments.module.css'
import { UploadList } from '../attachments/upload-list.tsx'
import { takeUploads, useUploads } from '../attachments/uploads.ts'
import { useFileDrop } from '../attachments/use-file-drop.ts'
import { useDraft } from '../drafts.ts'
import { useTyping } from '../typing/use-typing.ts'
import classes from './composer.module.css'
import { ComposingBar } from './composing-bar.tsx'
import { setComposition, useComposition } from './composition.ts'
import { FormatBar, signs } from './format-bar.tsx'
import { type Selected, toggleSign } from './marked-text.ts'
import { type Mentionable, MentionList } from './mention-list.tsx'
import { useMentions } from './use-mentions.ts'
import { useSubmit } from './use-submit.ts'

const maxLength = 4_000
/** From here on it is said how much room is left. */
const mentionedBelow = 300

interface ComposerProps {
  conversation: Conversation
  label: string
  /** Where the draft is kept: the conversation, or a thread in it. */
  place: string
  thread?: Pick<Pending, 'replyTo' | 'threadId'>
  onSent?: () => void
  /** The arrow up in an empty field: the last own message is to be edited. */
  onEditLast?: () => void
}

export function Composer({ conversation, label, place, thread, onSent, onEditLast }: ComposerProps) {
  const { t } = useTranslation()
  const me = useUser()
  const id = useId()
  const about = useComposition(me.id, place)
  // Edited words have a place of their own: the draft comes back afterwards.
  const [text, setText] = useDraft(me.id, about?.kind === 'edit' ? `${place}:edit` : place)
  const field = useRef<HTMLTextAreaElement>(null)
  const caret = useRef<Selected>(undefined)
  const { typed, stopped } = useTyping(conversation.id)
  const mentions = useMentions(conversation, me.id)
  const { submit, isSaving, failure, forget } = useSubmit({ conversationId: conversation.id, place, about, thread })
  const left = maxLength - [...text.trim()].length
  const uploads = useUploads(place)
  const isUploaded = uploads.every(({ state }) => state === 'done')
  const isWriting = about?.kind !== 'edit'
  const hasContent = text.trim() !== '' || (isWriting && uploads.length > 0)
  const canSend = hasContent && (isUploaded || !isWriting) && left >= 0 && !isSaving
  const picker = useRef<HTMLInputElement>(null)
  const { take, isDropping, surplus, handlers } = useFileDrop(place, isWriting)

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
    if (caret.current) element.setSelectionRange(caret.current.start, caret.current.end)
    caret.current = undefined
  }, [text])

  // Whoever chooses to answer or edit goes on in the field.
  const subject = about?.kind === 'reply' ? about.quote.id : about?.id
  const lastSubject = useRef(subject)
  useEffect(() => {
    if (subject && subject !== lastSubject.current) {
      const element = field.current
      element?.focus()
      element?.setSelectionRange(element.value.length, element.value.length)
    }
    lastSubject.current = subject
  }, [subject])

  const change = (next: Selected) => {
    caret.current = next
    setText(next.text)
    field.current?.focus()
  }
  const selected = (): Selected => ({
    text,
    start: field.current?.selectionStart ?? text.length,
    end: field.current?.selectionEnd ?? text.length,
  })

  const cancel = () => {
    if (about?.kind === 'edit') setText('')
    forget()
    setComposition(me.id, place, null)
    field.current?.focus()
  }

  const send = async (event?: FormEvent) => {
    event?.preventDefault()
    if (!canSend) return
    stopped()
    const isEdit = about?.kind === 'edit'
    if (!isEdit) setText('')
    field.current?.focus()
    if (!(await submit(text.trim(), isEdit ? [] : takeUploads(place)))) return
    if (isEdit) cancel()
    else onSent?.()
  }

  const choose = (each: Mentionable) => change(mentions.choose(selected(), each))

  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed (Chinese, Japanese …), Enter chooses it.
    if (event.nativeEvent.isComposing) return
    const handled = mentions.isOpen ? onMentionKey(event.key) : onOwnKey(event)
    if (handled) event.preventDefault()
  }

  const onMentionKey = (key: string): boolean => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key]
    if (step !== undefined) mentions.move(step)
    else if (key === 'Escape') mentions.close()
    else if (key === 'Enter' || key === 'Tab') choose(mentions.choices[mentions.active] ?? 'all')
    else return false
    return true
  }

  const onOwnKey = (event: KeyboardEvent): boolean => {
    const sign = signs[event.key.toLowerCase() as keyof typeof signs]
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && sign)
      change(toggleSign(selected(), sign))
    else if (event.key === 'Escape' && about) cancel()
    else if (event.key === 'ArrowUp' && text === '' && !about && onEditLast) onEditLast()
    else if (event.key === 'Enter' && !event.shiftKey) void send()
    else return false
    return true
  }

  const hint =
    left < 0 ? t('chat.tooLong', { count: -left }) : left < mentionedBelow ? t('chat.left', { count: left }) : ''
  const isEdit = about?.kind === 'edit'

  return (
    <form className={classes.composer} onSubmit={(event) => void send(event)} {...handlers}>
      {mentions.isOpen && (
        <MentionList id={`${id}-mentions`} people={mentions.choices} active={mentions.active} onChoose={choose} />
      )}
      <div className={`${classes.box} ${isDropping ? files.dropping : ''}`} data-over={left < 0 || undefined}>
        {about && <ComposingBar about={about} myId={me.id} onCancel={cancel} />}
        {!isEdit && <UploadList place={place} uploads={uploads} />}
        <div className={classes.line}>
          <textarea
            ref={field}
            className={classes.field}
            aria-label={isEdit ? t('chat.editing') : label}
            aria-describedby={`${id}-keys ${id}-hint`}
            aria-invalid={left < 0 || undefined}
            aria-controls={mentions.isOpen ? `${id}-mentions` : undefined}
            aria-activedescendant={mentions.isOpen ? `${id}-mentions-${mentions.active}` : undefined}
            placeholder={t('chat.write')}
            rows={1}
            enterKeyHint="send"
            value={text}
            onChange={({ currentTarget }) => {
              setText(currentTarget.value)
              mentions.look(currentTarget.value, currentTarget.selectionEnd)
              if (currentTarget.value.trim() && !isEdit) typed()
              else stopped()
            }}
            onKeyDown={onKeyDown}
            onBlur={() => {
              stopped()
              mentions.close()
            }}
          />
          {!isEdit && (
            <>
              <input
                ref={picker}
                type="file"
                multiple
                hidden
                data-testid="file-picker"
                onChange={({ currentTarget }) => {
                  take([...(currentTarget.files ?? [])])
                  currentTarget.value = ''
                }}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size={40}
                radius="xl"
                aria-label={t('chat.attach')}
                onClick={() => picker.current?.click()}
              >
                <IconPaperclip size={20} stroke={1.75} aria-hidden />
              </ActionIcon>
            </>
          )}
          <FormatBar onSign={(sign) => change(toggleSign(selected(), sign))} />
          <ActionIcon
            type="submit"
            size={40}
            radius="xl"
            disabled={!canSend}
            loading={isSaving}
            aria-label={isEdit ? t('chat.editSave') : t('chat.send')}
          >
            {isEdit ? (
              <IconCheck size={20} stroke={1.75} aria-hidden />
            ) : (
              <IconSend2 size={20} stroke={1.75} aria-hidden />
            )}
          </ActionIcon>
        </div>
      </div>
      <VisuallyHidden id={`${id}-keys`}>{t('chat.keys')}</VisuallyHidden>
      <p id={`${id}-hint`} className={classes.hint} role="status" data-over={left < 0 || undefined}>
        {hint}
      </p>
      {surplus > 0 && (
        <p className={classes.hint} role="alert" data-over>
          {t('chat.tooManyFiles', { count: surplus })}
        </p>
      )}
      {failure && (
        <p className={classes.hint} role="alert" data-over>
          {failure}
        </p>
      )}
    </form>
  )
}
