import type { Message } from '@atrium/client'
import { ActionIcon, Modal } from '@mantine/core'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import { IconChevronLeft, IconChevronRight, IconDownload, IconX, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { readMessages } from '../queries.ts'
import classes from './attachments.module.css'
import { isPicture, screenOf } from './pictures.ts'

interface PictureViewerProps {
  message: Message
  /** Which of the conversation’s pictures comes first. */
  startId: string
  onClose: () => void
}

/** In a thread, a message may be outside of what is loaded of the conversation. */
function picturesAround(message: Message, loaded: readonly Message[]) {
  const messages = loaded.some(({ id }) => id === message.id) ? loaded : [message]
  return messages.flatMap(({ attachments }) => attachments.filter(isPicture))
}

const zooms = [1, 1.5, 2, 3, 4] as const

/** The pictures of what is loaded of a conversation, one at a time, as large as the screen. */
export function PictureViewer({ message, startId, onClose }: PictureViewerProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [pictures] = useState(() => picturesAround(message, readMessages(cache, message.conversation_id)))
  const [index, setIndex] = useState(() =>
    Math.max(
      0,
      pictures.findIndex(({ id }) => id === startId),
    ),
  )
  const [zoom, setZoom] = useState(0)
  const picture = pictures[index]
  if (!picture) return null

  const step = (by: number) => {
    const next = index + by
    if (next < 0 || next >= pictures.length) return
    setIndex(next)
    setZoom(0)
  }
  const magnify = (by: number) => setZoom((known) => Math.min(zooms.length - 1, Math.max(0, known + by)))
  const onKeyDown = (event: KeyboardEvent) => {
    const actions: Record<string, () => void> = {
      ...(zoom === 0 ? { ArrowLeft: () => step(-1), ArrowRight: () => step(1) } : {}),
      '+': () => magnify(1),
      '=': () => magnify(1),
      '-': () => magnify(-1),
      '0': () => setZoom(0),
    }
    const action = event.ctrlKey || event.metaKey ? undefined : actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  const scale = `${(zooms[zoom] ?? 1) * 100}%`
  const source = zoom > 0 ? picture.url : screenOf(picture)
  const tool = { variant: 'subtle', color: 'gray.0', size: 40, radius: 'xl' } as const

  return (
    <Modal.Root opened fullScreen padding={0} onClose={onClose}>
      <Modal.Content aria-label={t('chat.picture', { name: picture.name })} style={{ background: '#16140f' }}>
        <Modal.Body style={{ height: '100%' }}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys work wherever the focus is in the dialog. */}
          <div className={classes.viewer} onKeyDown={onKeyDown}>
            <div className={classes.bar}>
              <span className={classes.title}>{picture.name}</span>
              {pictures.length > 1 && (
                <span className={classes.size} role="status">
                  {t('chat.pictureOf', { number: index + 1, count: pictures.length })}
                </span>
              )}
              <ActionIcon {...tool} aria-label={t('chat.zoomOut')} disabled={zoom === 0} onClick={() => magnify(-1)}>
                <IconZoomOut size={20} stroke={1.75} aria-hidden />
              </ActionIcon>
              <ActionIcon
                {...tool}
                aria-label={t('chat.zoomIn')}
                disabled={zoom === zooms.length - 1}
                onClick={() => magnify(1)}
              >
                <IconZoomIn size={20} stroke={1.75} aria-hidden />
              </ActionIcon>
              <ActionIcon
                {...tool}
                component="a"
                href={`${picture.url}?download=true`}
                download={picture.name}
                aria-label={t('chat.download', { name: picture.name })}
              >
                <IconDownload size={20} stroke={1.75} aria-hidden />
              </ActionIcon>
              <ActionIcon {...tool} data-autofocus aria-label={t('app.close')} onClick={onClose}>
                <IconX size={20} stroke={1.75} aria-hidden />
              </ActionIcon>
            </div>
            <div style={{ position: 'relative', flex: 1, minHeight: 0, display: 'flex' }}>
              {index > 0 && (
                <ActionIcon
                  {...tool}
                  className={classes.step}
                  style={{ insetInlineStart: '0.5rem' }}
                  aria-label={t('chat.picturePrevious')}
                  onClick={() => step(-1)}
                >
                  <IconChevronLeft size={24} stroke={1.75} aria-hidden />
                </ActionIcon>
              )}
              <div className={classes.stage} tabIndex={zoom > 0 ? 0 : -1}>
                <img key={picture.id} src={source} alt={picture.name} style={{ width: scale, height: scale }} />
              </div>
              {index < pictures.length - 1 && (
                <ActionIcon
                  {...tool}
                  className={classes.step}
                  style={{ insetInlineEnd: '0.5rem' }}
                  aria-label={t('chat.pictureNext')}
                  onClick={() => step(1)}
                >
                  <IconChevronRight size={24} stroke={1.75} aria-hidden />
                </ActionIcon>
              )}
            </div>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
