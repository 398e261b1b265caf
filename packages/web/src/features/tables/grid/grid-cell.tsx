import { memo } from 'react'
import type { GridColumn } from '../columns.ts'
import { isNumeric } from '../columns.ts'
import type { SayValue } from '../values/value-text.ts'
import classes from './grid.module.css'

interface CellTextProps {
  shown: GridColumn
  value: unknown
  say: SayValue
  label: string | undefined
}

/** A value as it stands in the grid. */
export const CellText = memo(function CellText({ shown: { column }, value, say, label }: CellTextProps) {
  if (label !== undefined && label !== String(value)) {
    return (
      <span className={classes.text}>
        {label} <span className={classes.quiet}>{String(value)}</span>
      </span>
    )
  }
  const { text, isQuiet } = say(value, column)
  const kind = isQuiet ? classes.quiet : isNumeric(column) ? classes.number : undefined
  return <span className={kind ? `${classes.text} ${kind}` : classes.text}>{text}</span>
})
