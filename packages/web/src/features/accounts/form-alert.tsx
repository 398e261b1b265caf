import { IconAlertCircle, IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './form-alert.module.css'

interface FormAlertProps {
  kind: 'error' | 'notice'
  children: ReactNode
}

/** What concerns a form as a whole, above its fields. Errors are read out at once. */
export function FormAlert({ kind, children }: FormAlertProps) {
  const Icon = kind === 'error' ? IconAlertCircle : IconInfoCircle
  return (
    <div role={kind === 'error' ? 'alert' : 'status'} className={classes[kind]}>
      <Icon size={20} stroke={1.9} aria-hidden className={classes.icon} />
      <p>{children}</p>
    </div>
  )
}
