import type { Person, Presence } from '@atrium/client'
import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { PersonAvatar } from '../people/person-avatar.tsx'
import classes from './presence-face.module.css'
import { usePresence } from './use-presence.ts'

interface PresenceFaceProps {
  person: Person
  size?: number
}

/** Somebody's picture with a dot that says whether they are there. */
export function PresenceFace({ person, size = 40 }: PresenceFaceProps) {
  const presence = usePresence(person.id)
  return (
    <span className={classes.face}>
      <PersonAvatar person={person} size={size} />
      <PresenceDot state={presence?.state} size={Math.max(11, Math.round(size * 0.28))} />
    </span>
  )
}

interface PresenceDotProps {
  state: Presence['state'] | undefined
  size?: number
}

/** Not by colour alone: each state has a shape of its own. Nothing for who is not there. */
export function PresenceDot({ state, size = 12 }: PresenceDotProps) {
  const { t } = useTranslation()
  if (!state || state === 'offline') return null
  return (
    <span className={classes.dot} data-state={state} data-testid="presence" style={{ width: size, height: size }}>
      <VisuallyHidden>{t(`presence.${state}`)}</VisuallyHidden>
    </span>
  )
}
