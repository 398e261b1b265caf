import { CloseButton } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './chat-notice.module.css'

export interface Notice {
  text: string
  isFailure: boolean
}

const shortMs = 2_500
const longMs = 8_000

/** One sentence at a time about what was just done, or was not. */
export function useNotice() {
  const [notice, setNotice] = useState<Notice>()
  const say = useCallback((text: string, isFailure = false) => setNotice({ text, isFailure }), [])
  const clear = useCallback(() => setNotice(undefined), [])
  useEffect(() => {
    if (!notice) return
    const timer = setTimeout(clear, notice.isFailure ? longMs : shortMs)
    return () => clearTimeout(timer)
  }, [notice, clear])
  return { notice, say, clear }
}

export function ChatNotice({ notice, onClose }: { notice: Notice | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <div className={classes.place}>
      <div role="status">{notice && !notice.isFailure && <p className={classes.notice}>{notice.text}</p>}</div>
      {notice?.isFailure && (
        <p className={classes.notice} data-failure role="alert">
          {notice.text}
          <CloseButton size="sm" variant="transparent" c="inherit" aria-label={t('app.close')} onClick={onClose} />
        </p>
      )}
    </div>
  )
}
