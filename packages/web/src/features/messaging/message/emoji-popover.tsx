import { Modal, TextInput } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { emojiGroups, findEmoji, nameOf } from './emoji-data.ts'
import classes from './emoji-popover.module.css'
import { recentEmoji } from './pending-reactions.ts'

interface EmojiPopoverProps {
  onChoose: (emoji: string) => void
  onClose: () => void
}

/** All emoji there are to choose from, by name or by looking. */
export function EmojiPopover({ onChoose, onClose }: EmojiPopoverProps) {
  const { t } = useTranslation()
  const [search, setSearch] = useState('')
  const scroll = useRef<HTMLDivElement>(null)
  const found = search.trim() ? findEmoji(search) : undefined
  const groups = found
    ? [{ key: 'found' as const, emoji: found }]
    : [{ key: 'recent' as const, emoji: recentEmoji() }, ...emojiGroups]

  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(scroll.current?.querySelectorAll<HTMLElement>('button') ?? [])]
    const at = all.indexOf(document.activeElement as HTMLElement)
    const isInField = at < 0
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: isInField ? 1 : 8, ArrowUp: -8 }[event.key]
    if (event.key === 'Enter' && isInField && found?.[0]) {
      event.preventDefault()
      onChoose(found[0])
    }
    if (step === undefined || (isInField && event.key !== 'ArrowDown')) return
    event.preventDefault()
    if (!isInField && at + step < 0) event.currentTarget.querySelector('input')?.focus()
    else all[Math.min(at + step, all.length - 1)]?.focus()
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t('chat.react')}
      size="auto"
      padding="sm"
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of what it holds. */}
      <div className={classes.picker} onKeyDown={onKeyDown}>
        <TextInput
          data-autofocus
          size="sm"
          aria-label={t('chat.emojiSearch')}
          placeholder={t('chat.emojiSearch')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <div ref={scroll} className={classes.scroll}>
          {groups.map(({ key, emoji }) => (
            <section key={key} aria-label={t(`chat.emoji.${key}`)}>
              <h3 className={classes.title}>{t(`chat.emoji.${key}`)}</h3>
              <div className={classes.grid}>
                {emoji.map((each) => (
                  <button
                    key={each}
                    type="button"
                    className={classes.emoji}
                    aria-label={nameOf(each)}
                    title={nameOf(each)}
                    onClick={() => onChoose(each)}
                  >
                    {each}
                  </button>
                ))}
              </div>
              {emoji.length === 0 && <p className={classes.none}>{t('chat.emojiNone')}</p>}
            </section>
          ))}
        </div>
      </div>
    </Modal>
  )
}
