import { IconCloudOff } from '@tabler/icons-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from './announcer.tsx'
import { client } from './client.ts'
import classes from './connection-banner.module.css'

/** Shorter interruptions than this are nobody's business. */
const patience = 1_500

const subscribe = (listener: () => void) => client.live.subscribe(listener)
const isLive = () => client.live.state === 'live'

export function ConnectionBanner() {
  const { t } = useTranslation()
  const live = useSyncExternalStore(subscribe, isLive)
  const [isShown, setShown] = useState(false)
  const wasShown = useRef(false)

  useEffect(() => {
    if (live) {
      setShown(false)
      if (wasShown.current) announce(t('connection.back'))
      wasShown.current = false
      return
    }
    const timer = setTimeout(() => {
      wasShown.current = true
      setShown(true)
    }, patience)
    return () => clearTimeout(timer)
  }, [live, t])

  return (
    <div role="status" className={classes.place}>
      {isShown && (
        <p className={classes.banner} data-testid="connection-banner">
          <IconCloudOff size={18} stroke={1.75} aria-hidden />
          {navigator.onLine ? t('connection.reconnecting') : t('connection.offline')}
        </p>
      )}
    </div>
  )
}
