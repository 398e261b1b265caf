import { UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { OwnDot } from './own-dot.tsx'
import { useOwnPresence } from './own-presence.ts'
import classes from './status.module.css'

/** Says how one is, and opens the dialog that changes it. */
export function StatusButton({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation()
  const own = useOwnPresence()
  if (!own) return null
  return (
    <UnstyledButton className={classes.button ?? ''} onClick={onOpen}>
      <StatusWords />
      <span className={classes.change}>{t('presence.set')}</span>
    </UnstyledButton>
  )
}

export function StatusWords() {
  const { t } = useTranslation()
  const own = useOwnPresence()
  if (!own) return null
  const state = t(own.state === 'offline' ? 'presence.invisible' : `presence.${own.state}`)
  return (
    <span className={classes.words}>
      <OwnDot />
      <span className={classes.text}>{own.text ? `${state} · ${own.text}` : state}</span>
    </span>
  )
}
