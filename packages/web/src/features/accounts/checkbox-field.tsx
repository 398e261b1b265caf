import type { ComponentProps, ReactNode } from 'react'
import classes from './checkbox-field.module.css'

interface CheckboxFieldProps extends Omit<ComponentProps<'input'>, 'children'> {
  label: string
  /** Stands at the end of the line. */
  children?: ReactNode
}

/** The browser's own box: it needs no script, and every tool knows it. */
export function CheckboxField({ label, children, ...input }: CheckboxFieldProps) {
  return (
    <div className={classes.line}>
      <label className={classes.field}>
        <input type="checkbox" {...input} />
        {label}
      </label>
      {children}
    </div>
  )
}
