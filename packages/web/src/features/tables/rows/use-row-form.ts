import { ApiError } from '@atrium/client'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HeldRow } from '../data-api.ts'
import type { Column, Row, TableSchema } from '../types.ts'
import { type Draft, fromDraft, toDraft } from '../values/draft.ts'
import { useTimeZone } from '../values/value-text.ts'

/** The fields of one row as they are typed, and what of it would be written. */
export function useRowForm(schema: TableSchema, held: HeldRow | undefined) {
  const { t } = useTranslation()
  const timeZone = useTimeZone()
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({})
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({})
  const before = (column: Column): Draft => toDraft(held?.row[column.name], column, timeZone)
  const draftOf = (column: Column): Draft => drafts[column.name] ?? (column.name in drafts ? null : before(column))
  const set = (column: Column, draft: Draft) => {
    setDrafts({ ...drafts, [column.name]: draft })
    setProblems(Object.fromEntries(Object.entries(problems).filter(([name]) => name !== column.name)))
  }

  /** What was changed; undefined where something does not fit, which then stands at its field. */
  const changes = (): Row | undefined => {
    const found: Record<string, string> = {}
    const row: Row = {}
    for (const column of schema.columns) {
      if (!column.writable || !(column.name in drafts)) {
        // A new row has to have what the table cannot fill in by itself.
        if (!held && column.writable && !column.nullable && !column.has_default) {
          found[column.name] = t('data.problems.required')
        }
        continue
      }
      const draft = draftOf(column)
      if (held && draft === before(column)) continue
      // Left empty, the table's own default comes.
      if (!held && draft === null && column.has_default) continue
      const parsed = fromDraft(draft, column, timeZone)
      if (parsed.problem) found[column.name] = t(`data.problems.${parsed.problem}`)
      else row[column.name] = parsed.value
    }
    setProblems(found)
    return Object.keys(found).length === 0 ? row : undefined
  }

  /** Puts what the server said to its fields; answers whether that was all of it. */
  const take = (error: unknown): boolean => {
    if (!(error instanceof ApiError) || error.fieldErrors.size === 0) return false
    const names = new Set(schema.columns.map(({ name }) => name))
    const found = [...error.fieldErrors].map(([pointer, message]) => [pointer.slice(1), message] as const)
    setProblems(Object.fromEntries(found))
    return found.every(([name]) => names.has(name))
  }
  const reset = () => {
    setDrafts({})
    setProblems({})
  }
  return { draftOf, set, problems, changes, take, reset, isChanged: Object.keys(drafts).length > 0 }
}
