import type { ReactNode } from 'react'
import classes from './links.module.css'

/** Other ways on, below a form. */
export function Links({ children }: { children: ReactNode }) {
  return <div className={classes.links}>{children}</div>
}
