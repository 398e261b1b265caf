import type { Attachment } from '@atrium/client'
import { useTranslation } from 'react-i18next'
import classes from './attachments.module.css'
import { FileSign } from './file-sign.tsx'
import { fileSize } from './file-size.ts'
import { isPicture, previewOf } from './pictures.ts'

interface MessageAttachmentsProps {
  attachments: readonly Attachment[]
  /** Absent while the message is on its way. */
  onOpen: ((picture: Attachment) => void) | undefined
}

/** The files of a message. Each picture has its room before it is there, so that nothing jumps. */
export function MessageAttachments({ attachments, onOpen }: MessageAttachmentsProps) {
  const { t, i18n } = useTranslation()
  const pictures = attachments.filter(isPicture)
  const files = attachments.filter((each) => !isPicture(each))
  return (
    <>
      {pictures.length > 0 && (
        <div className={classes.pictures} data-count={Math.min(pictures.length, 3)}>
          {pictures.map((picture) => (
            <button
              key={picture.id}
              type="button"
              className={classes.picture}
              aria-label={t('chat.openPicture', { name: picture.name })}
              style={boxOf(picture, pictures.length)}
              disabled={!onOpen}
              onClick={() => onOpen?.(picture)}
            >
              <img src={previewOf(picture, pictures.length)} alt="" loading="lazy" decoding="async" draggable={false} />
            </button>
          ))}
        </div>
      )}
      {files.map((file) => (
        <a key={file.id} className={classes.file} href={`${file.url}?download=true`} download={file.name}>
          <FileSign type={file.content_type} />
          <span className={classes.about}>
            <span className={classes.name}>{file.name}</span>
            <span className={classes.size}>{fileSize(file.size, i18n.language)}</span>
          </span>
        </a>
      ))}
    </>
  )
}

const [widest, highest] = [320, 360]

/** One alone in its own shape, several as squares. */
function boxOf({ width, height }: { width: number; height: number }, count: number) {
  if (count > 1) return { aspectRatio: '1' }
  const scale = Math.min(1, widest / width, highest / height)
  // A very long or flat one is cut, or nobody could press on it.
  const [w, h] = [Math.max(56, Math.round(width * scale)), Math.max(56, Math.round(height * scale))]
  return { width: w, aspectRatio: `${w} / ${h}` }
}
