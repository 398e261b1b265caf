import { IconEye, IconPencil } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { GridColumn } from '../columns.ts'
import type { Relation, Row } from '../types.ts'
import type { SayValue } from '../values/value-text.ts'
import { CellEditor } from './cell-editor.tsx'
import classes from './grid.module.css'
import { CellText } from './grid-cell.tsx'
import { roles } from './roles.ts'
import type { Editing } from './use-editing.ts'
import { rowHeight } from './use-window.ts'

export interface RowLook {
  columns: readonly GridColumn[]
  template: string
  say: SayValue
  labelOf: (relation: Relation, value: unknown) => string | undefined
  mayUpdate: boolean
}

interface GridRowProps extends RowLook {
  index: number
  row: Row | undefined
  path: string | undefined
  mark: string | undefined
  /** The column the keyboard is on. */
  active: number | undefined
  editing: Editing | undefined
  onCell: (column: number) => void
  onOpen: () => void
}

export function GridRow(props: GridRowProps) {
  const { index, row, path, mark, active, editing, columns, template, say, labelOf, mayUpdate, onCell, onOpen } = props
  const { t } = useTranslation()
  const Sign = mayUpdate ? IconPencil : IconEye
  const style = { gridTemplateColumns: template, transform: `translateY(${index * rowHeight}px)` }
  const stop = (column: number) => ({ 'data-place': `${index}:${column}`, tabIndex: active === column ? 0 : -1 })
  return (
    <div
      {...roles.row(index + 2)}
      className={classes.row}
      style={style}
      data-mark={mark}
      data-odd={index % 2 === 1 || undefined}
      data-active={active !== undefined || undefined}
      data-editing={editing ? true : undefined}
    >
      <div {...roles.cell()} className={`${classes.cell} ${classes.opener}`}>
        {row && path !== undefined && (
          <button
            type="button"
            {...stop(0)}
            className={classes.open}
            onFocus={() => onCell(0)}
            onClick={onOpen}
            aria-label={t(mayUpdate ? 'data.editRow' : 'data.showRow', { key: decodeURIComponent(path) })}
          >
            <Sign size={16} stroke={1.75} aria-hidden />
          </button>
        )}
      </div>
      {columns.map((shown, at) => {
        const { column, relation } = shown
        if (!row) {
          return (
            <div key={column.name} {...roles.cell()} className={classes.cell} {...stop(at + 1)}>
              <span className={classes.waiting} />
            </div>
          )
        }
        const value = row[column.name]
        const isEditing = editing?.column === at + 1
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys.
          // biome-ignore lint/a11y/noStaticElementInteractions: it is a cell, see its role.
          <div
            key={column.name}
            {...roles.cell(!mayUpdate || !column.writable)}
            className={classes.cell}
            {...stop(at + 1)}
            onClick={() => !isEditing && onCell(at + 1)}
          >
            {isEditing && path !== undefined ? (
              <CellEditor {...editing.editor} path={path} row={editing.row} shown={shown} />
            ) : (
              <CellText shown={shown} value={value} say={say} label={relation && labelOf(relation, value)} />
            )}
          </div>
        )
      })}
    </div>
  )
}
