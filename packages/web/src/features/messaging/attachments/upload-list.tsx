import { ActionIcon, Progress } from '@mantine/core'
import '@mantine/core/styles/Progress.css'
import { IconRefresh, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../../app/error-words.ts'
import classes from './attachments.module.css'
import { FileSign } from './file-sign.tsx'
import { fileSize } from './file-size.ts'
import { removeUpload, retryUpload, type Upload } from './uploads.ts'

/** What will go with the message. */
export function UploadList({ place, uploads }: { place: string; uploads: readonly Upload[] }) {
  const { t } = useTranslation()
  if (uploads.length === 0) return null
  return (
    <ul className={classes.uploads} aria-label={t('chat.attached')}>
      {uploads.map((upload) => (
        <UploadItem key={upload.key} place={place} upload={upload} />
      ))}
    </ul>
  )
}

function UploadItem({ place, upload }: { place: string; upload: Upload }) {
  const { t, i18n } = useTranslation()
  const { key, file, preview, state, progress, error } = upload
  const { name } = file
  return (
    <li className={classes.upload} data-state={state}>
      {preview ? (
        <img className={classes.thumb} src={preview} alt="" />
      ) : (
        <span className={classes.thumb}>
          <FileSign type={file.type} />
        </span>
      )}
      <span className={classes.about}>
        <span className={classes.name} title={name}>
          {name}
        </span>
        {state === 'failed' ? (
          <span className={classes.failure} role="alert">
            {explainError(error, t)}
          </span>
        ) : (
          <span className={classes.size}>{fileSize(file.size, i18n.language)}</span>
        )}
        {state === 'uploading' && (
          <Progress value={progress * 100} size="xs" aria-label={t('chat.uploading', { name })} />
        )}
      </span>
      {state === 'failed' && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          aria-label={t('chat.uploadRetry', { name })}
          onClick={() => retryUpload(place, key)}
        >
          <IconRefresh size={16} stroke={1.75} aria-hidden />
        </ActionIcon>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        aria-label={t('chat.uploadRemove', { name })}
        onClick={() => removeUpload(place, key)}
      >
        <IconX size={16} stroke={1.75} aria-hidden />
      </ActionIcon>
    </li>
  )
}
