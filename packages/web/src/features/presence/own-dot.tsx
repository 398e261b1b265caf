import { useOwnPresence } from './own-presence.ts'
import classes from './presence-face.module.css'

/** Also for who is invisible, to whom nobody else sees a dot. The words stand beside it. */
export function OwnDot() {
  const own = useOwnPresence()
  if (!own) return null
  return <span aria-hidden="true" className={classes.dot} data-state={own.state} style={{ width: 11, height: 11 }} />
}
