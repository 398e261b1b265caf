import { ApiError } from '@atrium/client'
import { type FocusEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explainError } from '../../../app/error-words.ts'
import type { GridColumn } from '../columns.ts'
import { fetchRow, type HeldRow } from '../data-api.ts'
import { type Saved, saveChanges } from '../saving.ts'
import type { Row } from '../types.ts'
import { type Draft, fromDraft, toDraft } from '../values/draft.ts'
import { ValueField } from '../values/value-field.tsx'
import { useTimeZone } from '../values/value-text.ts'
import classes from './grid.module.css'

export type Leaving = 'down' | 'right' | 'left' | 'stay' | 'elsewhere'

interface CellEditorProps {
  table: string
  path: string
  row: Row
  shown: GridColumn
  /** A letter that began the editing takes the place of what was there. */
  begin: string | undefined
  onSaved: (saved: Saved, changes: Row, leaving: Leaving) => void
  onLeave: (leaving: Leaving) => void
  onGone: () => void
}

/** One cell as it is edited. It stays until the server has the value, or the person gives up. */
export function CellEditor({ table, path, row, shown, begin, onSaved, onLeave, onGone }: CellEditorProps) {
  const { t } = useTranslation()
  const timeZone = useTimeZone()
  const { column, relation } = shown
  const before = toDraft(row[column.name], column, timeZone)
  const [draft, setDraft] = useState<Draft>(begin ?? before)
  const [problem, setProblem] = useState<string>()
  const [isSaving, setSaving] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const errorId = useId()
  // The row as it is when the editing begins: a change by others from now on is noticed.
  const held = useRef<Promise<HeldRow>>(undefined)
  useEffect(() => {
    held.current = fetchRow(table, path)
    held.current.catch(() => {})
    const field = box.current?.querySelector<HTMLElement>('input, select, textarea')
    field?.focus()
    if (begin === undefined && field instanceof HTMLInputElement && field.type === 'text') field.select()
  }, [table, path, begin])

  const commit = async (leaving: Leaving) => {
    if (isSaving) return
    if (draft === before) return onLeave(leaving)
    const parsed = fromDraft(draft, column, timeZone)
    if (parsed.problem) return setProblem(t(`data.problems.${parsed.problem}`))
    const changes = { [column.name]: parsed.value }
    setSaving(true)
    setProblem(undefined)
    try {
      const at = await (held.current ?? fetchRow(table, path))
      onSaved(await saveChanges(table, path, at, row, changes), changes, leaving)
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return onGone()
      held.current = undefined
      const said = error instanceof ApiError ? error.fieldErrors.get(`/${column.name}`) : undefined
      setProblem(said ?? explainError(error, t))
      setSaving(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    event.stopPropagation()
    if (event.key === 'Escape') {
      event.preventDefault()
      onLeave('stay')
    } else if (event.key === 'Enter') {
      event.preventDefault()
      void commit('down')
    } else if (event.key === 'Tab') {
      event.preventDefault()
      void commit(event.shiftKey ? 'left' : 'right')
    }
  }
  const onBlur = (event: FocusEvent) => {
    if (box.current?.contains(event.relatedTarget) || isSaving) return
    if (problem === undefined) void commit('elsewhere')
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the field inside is what is used; its keys pass here
    <div ref={box} className={classes.editor} data-busy={isSaving || undefined} onKeyDown={onKeyDown} onBlur={onBlur}>
      <ValueField
        column={column}
        relation={relation}
        draft={draft}
        onChange={(next) => {
          // What is on its way is not typed over; a field that is switched off would lose the focus.
          if (isSaving) return
          setDraft(next)
          setProblem(undefined)
        }}
        label={column.name}
        isBare
        error={problem}
      />
      {problem && (
        <p id={errorId} className={classes.problem} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
