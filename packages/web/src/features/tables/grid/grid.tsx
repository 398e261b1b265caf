import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GridColumn } from '../columns.ts'
import { pointedTo, useLabels } from '../relations.ts'
import { keyPath } from '../row-key.ts'
import type { TableSchema } from '../types.ts'
import { isEditedInCell } from '../values/value-field.tsx'
import { useSayValue } from '../values/value-text.ts'
import classes from './grid.module.css'
import { GridHead } from './grid-head.tsx'
import { moved, type Place } from './grid-keys.ts'
import { GridRow } from './grid-row.tsx'
import { roles } from './roles.ts'
import { type OpenConflict, useEditing } from './use-editing.ts'
import type { Marks } from './use-marks.ts'
import type { Rows } from './use-rows.ts'
import { rowHeight, useWindow } from './use-window.ts'

interface GridProps {
  schema: TableSchema
  columns: readonly GridColumn[]
  rows: Rows
  label: string
  sort: string | undefined
  onSort: (column: string, isMore: boolean) => void
  onOpen: (path: string, column?: string) => void
  onConflict: (conflict: OpenConflict) => void
  marks: Marks
}

const openerWidth = 44

/** Rows and columns, of which those in sight are there. One cell has the keyboard; arrows move it, Enter edits. */
export function Grid({ schema, columns, rows, label, sort, onSort, onOpen, onConflict, marks }: GridProps) {
  const { t } = useTranslation()
  const say = useSayValue()
  const scroller = useRef<HTMLDivElement>(null)
  const { first, last, look } = useWindow(scroller, rows.count)
  const [active, setActive] = useState<Place>({ row: 0, column: 1 })
  const wantsFocus = useRef(false)
  const mayUpdate = schema.actions.includes('update') && schema.key.length > 0
  const { setRange } = rows
  useEffect(() => setRange({ first, last }), [first, last, setRange])

  const move = (place: Place) => {
    wantsFocus.current = true
    setActive({
      row: Math.max(-1, Math.min(place.row, rows.count - 1)),
      column: Math.max(0, Math.min(place.column, columns.length)),
    })
  }
  const editing = useEditing({ schema, onMove: move, onConflict, onMark: marks.mark })
  useEffect(() => {
    if (!wantsFocus.current || editing.at) return
    wantsFocus.current = false
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-place="${active.row}:${active.column}"]`)
    cell?.focus({ preventScroll: true })
    cell?.closest('[role="gridcell"], [role="columnheader"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  })

  const edit = (place: Place, letter?: string) => {
    const row = rows.rowAt(place.row)
    const column = columns[place.column - 1]?.column
    const path = row && keyPath(schema.key, row)
    if (!row || !column || path === undefined) return
    const isCellFine = mayUpdate && column.writable && !schema.key.includes(column.name)
    if (isCellFine && isEditedInCell(column, row[column.name])) {
      setActive(place)
      editing.begin(place, row, letter)
    } else onOpen(path, column.name)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (editing.at) return
    const { key, ctrlKey, metaKey, altKey } = event
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - rowHeight) / rowHeight) - 1)
    const next = altKey
      ? undefined
      : moved(active, key, ctrlKey || metaKey, { rows: rows.count, columns: columns.length, page })
    if (next) {
      event.preventDefault()
      move(next)
    } else if (active.row >= 0 && active.column > 0 && (key === 'Enter' || key === 'F2')) {
      event.preventDefault()
      edit(active)
    } else if (
      active.row >= 0 &&
      active.column > 0 &&
      key.length === 1 &&
      key !== ' ' &&
      !ctrlKey &&
      !metaKey &&
      !altKey
    ) {
      const shown = columns[active.column - 1]
      const isTyped =
        shown && !shown.column.values && ['text', 'integer', 'decimal', 'number'].includes(shown.column.type)
      if (!isTyped || shown.relation || !mayUpdate || !shown.column.writable) return
      event.preventDefault()
      edit(active, key)
    }
  }

  const template = `${openerWidth}px ${columns.map(({ width }) => `minmax(${width}px, ${width}fr)`).join(' ')}`
  const width = openerWidth + columns.reduce((sum, column) => sum + column.width, 0)
  const pointing = columns.flatMap(({ column, relation }) =>
    relation ? rows.blocks.map((block) => ({ relation, values: pointedTo(block, column.name) })) : [],
  )
  const labelOf = useLabels(pointing)
  const rowLook = useMemo(() => ({ columns, template, say, mayUpdate }), [columns, template, say, mayUpdate])
  const shownRows = Array.from({ length: rows.count === 0 ? 0 : last - first + 1 }, (_, index) => first + index)
  // The row with the keyboard stays, or the focus would be lost when it is scrolled away.
  if (active.row >= 0 && active.row < rows.count && !shownRows.includes(active.row)) shownRows.push(active.row)

  return (
    // biome-ignore lint/a11y/useSemanticElements: a table cannot leave rows out and keep the others in their places
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.count + 1}
      aria-colcount={columns.length + 1}
      aria-describedby="grid-help"
      className={classes.scroller}
      tabIndex={rows.count === 0 ? 0 : -1}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      <GridHead
        columns={columns}
        template={template}
        width={width}
        sort={sort}
        onSort={onSort}
        active={active.row === -1 || rows.count === 0 ? active.column : undefined}
        onActive={(column) => setActive({ row: -1, column })}
      />
      <div {...roles.rows} className={classes.body} style={{ height: rows.count * rowHeight, minWidth: width }}>
        {shownRows.map((index) => {
          const row = rows.rowAt(index)
          const path = row && keyPath(schema.key, row)
          return (
            <GridRow
              key={index}
              {...rowLook}
              labelOf={labelOf}
              index={index}
              row={row}
              path={path}
              mark={path === undefined ? undefined : marks.of(path)}
              active={active.row === index ? active.column : undefined}
              editing={editing.editingOf(index)}
              onCell={(column) => {
                const isAgain = column > 0 && active.row === index && active.column === column
                if (isAgain) edit({ row: index, column })
                else if (column > 0) move({ row: index, column })
                else setActive({ row: index, column })
              }}
              onOpen={() => path !== undefined && onOpen(path)}
            />
          )
        })}
      </div>
      <p id="grid-help" hidden>
        {t(mayUpdate ? 'data.gridHelpEdit' : 'data.gridHelp')}
      </p>
    </div>
  )
}
