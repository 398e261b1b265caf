import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { announce } from '../../../app/announcer.tsx'
import { renewRows, showRow } from '../queries.ts'
import { keyPath } from '../row-key.ts'
import type { Saved } from '../saving.ts'
import type { Row, TableSchema } from '../types.ts'
import type { Leaving } from './cell-editor.tsx'
import type { Place } from './grid-keys.ts'

export interface Editing {
  column: number
  /** As it was shown when the editing began: whatever comes meanwhile is somebody else's change. */
  row: Row
  editor: {
    table: string
    begin: string | undefined
    onSaved: (saved: Saved, changes: Row, leaving: Leaving) => void
    onLeave: (leaving: Leaving) => void
    onGone: () => void
  }
}

/** Two people changed the same: the one who is asked decides. */
export interface OpenConflict {
  path: string
  saved: Extract<Saved, { kind: 'conflict' }>
  changes: Row
}

interface EditingOptions {
  schema: TableSchema
  onMove: (place: Place) => void
  onConflict: (conflict: OpenConflict) => void
  onMark: (path: string, mark: 'changed') => void
}

/** The one cell that is edited, if any. */
export function useEditing({ schema, onMove, onConflict, onMark }: EditingOptions) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [at, setAt] = useState<Place & { row: number; path: string; base: Row; begin: string | undefined }>()
  const table = schema.name

  const leave = (leaving: Leaving) => {
    setAt(undefined)
    if (!at || leaving === 'elsewhere') return
    const { row, column } = at
    const steps: Record<Leaving, Place> = {
      down: { row: row + 1, column },
      right: { row, column: column + 1 },
      left: { row, column: column - 1 },
      stay: { row, column },
      elsewhere: { row, column },
    }
    onMove(steps[leaving])
  }
  const saved = (path: string) => (outcome: Saved, changes: Row, leaving: Leaving) => {
    if (outcome.kind === 'conflict') {
      setAt(undefined)
      showRow(cache, table, schema.key, outcome.held.row)
      onConflict({ path, saved: outcome, changes })
      return
    }
    showRow(cache, table, schema.key, outcome.held.row)
    onMark(path, 'changed')
    announce(t(outcome.isMerged ? 'data.savedMerged' : 'data.saved'))
    leave(leaving)
  }
  const gone = () => {
    leave('stay')
    announce(t('data.gone'))
    void renewRows(cache, table)
  }
  const editingOf = (row: number): Editing | undefined =>
    at?.row === row
      ? {
          column: at.column,
          row: at.base,
          editor: { table, begin: at.begin, onSaved: saved(at.path), onLeave: leave, onGone: gone },
        }
      : undefined
  const begin = (place: Place, base: Row, letter?: string) => {
    const path = keyPath(schema.key, base)
    if (path !== undefined) setAt({ ...place, path, base, begin: letter })
  }
  return { at, begin, editingOf, leave }
}
