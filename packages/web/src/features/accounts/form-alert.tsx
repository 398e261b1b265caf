import { Alert } from '@mantine/core'
import { IconAlertCircle, IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './form-alert.module.css'

interface FormAlertProps {
  kind: 'error' | 'notice'
  children: ReactNode
}

/** What concerns a form as a whole, above its fields. Errors are read out at once. */
export function FormAlert({ kind, children }: FormAlertProps) {
  return (
    <Alert
      role={kind === 'error' ? 'alert' : 'status'}
      icon={kind === 'error' ? <IconAlertCircle aria-hidden /> : <IconInfoCircle aria-hidden />}
      classNames={{
        root: kind === 'error' ? classes.error : classes.notice,
        message: classes.message,
        icon: classes.icon,
      }}
    >
      {children}
    </Alert>
  )
}
