import type { TFunction } from 'i18next'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { relationOf } from '../columns.ts'
import type { HeldRow } from '../data-api.ts'
import type { Column, TableSchema } from '../types.ts'
import { ValueField } from '../values/value-field.tsx'
import { useSayValue } from '../values/value-text.ts'
import classes from './rows.module.css'
import type { useRowForm } from './use-row-form.ts'

interface RowFieldsProps {
  schema: TableSchema
  form: ReturnType<typeof useRowForm>
  held: HeldRow | undefined
  mayWrite: boolean
  /** The field that is gone to. */
  column: string | undefined
}

export function RowFields({ schema, form, held, mayWrite, column: wanted }: RowFieldsProps) {
  const { t } = useTranslation()
  const say = useSayValue()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (wanted === undefined) return
    const place = box.current?.querySelector(`[data-column="${CSS.escape(wanted)}"]`)
    // After the dialog has put the focus where dialogs put it.
    const timer = setTimeout(() => place?.querySelector<HTMLElement>('input, textarea, select')?.focus(), 120)
    return () => clearTimeout(timer)
  }, [wanted])
  return (
    <div ref={box} className={classes.fields}>
      {schema.columns.map((column) => {
        const isWritten = mayWrite && column.writable
        if (!isWritten && !held) return null
        return (
          <div key={column.name} className={classes.field} data-column={column.name}>
            {isWritten ? (
              <ValueField
                column={column}
                relation={relationOf(schema, column)}
                draft={form.draftOf(column)}
                onChange={(draft) => form.set(column, draft)}
                label={column.name}
                hint={hintOf(column, held === undefined, t)}
                error={form.problems[column.name]}
              />
            ) : (
              <>
                <span className={classes.name}>{column.name}</span>
                <p className={classes.fixed}>{say(held?.row[column.name], column).text}</p>
              </>
            )}
          </div>
        )
      })}
    </div>
  )
}

/** What one has to know before typing; the rest is said when it does not fit. */
function hintOf(column: Column, isNew: boolean, t: TFunction): string | undefined {
  if (isNew && column.has_default) return t('data.hasDefault')
  if (!column.nullable && isNew) return t('data.needed')
  if (column.type === 'json') return 'JSON'
  return undefined
}
