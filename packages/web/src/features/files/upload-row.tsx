import { IconUpload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Item, ItemAction } from '../../app/item-list.tsx'
import { sizeText } from './file-kinds.ts'
import classes from './files.module.css'
import type { UploadState } from './use-uploads.ts'

export function UploadRow({ upload, onDismiss }: { upload: UploadState; onDismiss: () => void }) {
  const { t, i18n } = useTranslation()
  const { name, sent, total, isWaiting, failure } = upload
  const percent = total === 0 ? 100 : Math.floor((sent / total) * 100)
  const size = sizeText(total, i18n.language)
  const word = failure ? 'dismiss' : 'cancel'
  return (
    <Item
      testId="upload"
      icon={IconUpload}
      title={name}
      details={failure ? [] : [isWaiting ? t('library.waiting') : t('library.sending', { percent, size })]}
      failure={failure}
      actions={
        <>
          {!failure && (
            <progress
              className={classes.progress}
              value={percent}
              max={100}
              aria-label={t('library.progress', { name })}
            />
          )}
          <ItemAction label={t(`library.${word}Label`, { name })} onClick={onDismiss}>
            {t(`library.${word}`)}
          </ItemAction>
        </>
      }
    />
  )
}
